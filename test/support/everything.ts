import pino from "pino";
import { onTestFinished, TestRunner } from "vitest";
import { createAuth } from "../../src/auth.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { ADMIN_KEY } from "./admin.ts";
import { type Answer, TEST_SECRET, type TestAuth, type TestAuthOptions, type TestRequest } from "./auth.ts";
import type { TestDatabase } from "./postgres.ts";
import { SERVICES } from "./service.ts";

/** A configuration in which every route is there, and nothing is slow or counted. */
export const EVERYTHING = {
  services: SERVICES,
  metrics: true,
  development: true,
  bridge: async () => null,
  throttling: "off",
  passwords: { rehash: "never", hashing: { niceness: 0, longestWaitSeconds: 60 } },
} satisfies ConfigurationInput;

/** Opens sign-in with every route that there is, the operator's too. */
export async function openEverything(
  database: TestDatabase,
  { configuration, now }: Pick<TestAuthOptions, "configuration" | "now"> = {},
): Promise<TestAuth> {
  const logs: string[] = [];
  const auth = await createAuth({
    ...{ database: database.url, adminQueryDatabase: database.url, migrationDatabase: database.url },
    ...{ secret: TEST_SECRET, adminApiKey: ADMIN_KEY },
    configuration: { ...EVERYTHING, ...configuration },
    logger: pino({ base: null }, { write: (line: string) => void logs.push(line) }),
    ...(now === undefined ? {} : { now }),
  });
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => auth.close());
  const send = async (path: string, init: RequestInit) =>
    read(await auth.fetch(new Request(`http://localhost${path}`, init)));
  return {
    ...auth,
    ...{ logs, send },
    get: (path, request = {}) => send(path, { headers: headersOf(request) }),
    post: (path, body, request = {}) =>
      send(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headersOf(request) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

function headersOf({ token, headers = {} }: TestRequest): Record<string, string> {
  return { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}
