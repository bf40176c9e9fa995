import pino from "pino";
import { onTestFinished, TestRunner } from "vitest";
import { type Auth, createAuth } from "../../src/auth.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import type { Pool } from "../../src/postgres/client.ts";
import type { TestDatabase } from "./postgres.ts";

/** A secret as strong as the server asks for. */
export const TEST_SECRET = "kJ3v-not-a-real-secret-x8Qz-only-for-tests-p5Lw";

/** What a request is made of. */
export interface TestRequest {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of any shape.
  readonly body: any;
  readonly text: string;
}

/** Sign-in on a test database, asked in process. */
export interface TestAuth extends Auth {
  readonly logs: readonly string[];
  get(path: string, request?: TestRequest): Promise<Answer>;
  post(path: string, body?: unknown, request?: TestRequest): Promise<Answer>;
  /** Sends a request as it is. */
  send(path: string, init: RequestInit): Promise<Answer>;
}

export interface TestAuthOptions {
  readonly configuration?: ConfigurationInput;
  readonly secret?: string | readonly string[];
  readonly now?: () => number;
  readonly pool?: Pool;
}

/** Opens sign-in on a grafted database. It ends with the test, or with `close`. */
export async function openAuth(
  database: TestDatabase,
  { configuration = {}, secret = TEST_SECRET, now, pool }: TestAuthOptions = {},
): Promise<TestAuth> {
  const logs: string[] = [];
  const auth = await createAuth({
    database: pool ?? database.url,
    secret,
    configuration: unhurried(configuration),
    logger: pino({ base: null }, { write: (line: string) => void logs.push(line) }),
    ...(now === undefined ? {} : { now }),
  });
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => auth.close());
  return { ...auth, ...requests(auth), logs };
}

/** A machine that runs other tests beside this one has its own idea of when a thread's turn comes. */
function unhurried(configuration: ConfigurationInput): ConfigurationInput {
  const { passwords = {} } = configuration;
  const hashing = { niceness: 0, longestWaitSeconds: 60, ...passwords.hashing };
  return { ...configuration, passwords: { ...passwords, hashing } };
}

function requests(auth: Auth): Pick<TestAuth, "get" | "post" | "send"> {
  const send = async (path: string, init: RequestInit) =>
    read(await auth.fetch(new Request(`http://localhost${path}`, init)));
  return {
    send,
    get: (path, request = {}) => send(path, { headers: headersOf(request) }),
    post: (path, body, request = {}) =>
      send(path, {
        method: "POST",
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headersOf(request),
        },
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
