import { onTestFinished, TestRunner } from "vitest";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { createVerifier, type Verifier, type VerifierOptions } from "../../src/verify/verifier.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { ageGraft } from "../support/feed.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { SERVICES, SHOP } from "../support/service.ts";

const ISSUER = "https://auth.example.com";
const AUDIENCE = "the shop and others";

/** A grafted database whose tokens memory vouches for. */
export async function graftedDatabase(before = ""): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", ...(before === "" ? { grafted: {} } : {}) });
  if (before !== "") {
    await database.query(before);
    await graft(database);
  }
  await ageGraft(database);
  return database;
}

/** Starts Authgraft; it ends with the test that it was started in, or with `close`. */
export async function startAuthgraft(
  { url }: TestDatabase,
  { tokens, ...configuration }: ConfigurationInput = {},
): Promise<RunningServer> {
  const server = await serve({
    databaseUrl: url,
    secret: TEST_SECRET,
    configuration: parseConfiguration({
      ...{ port: 0, services: SERVICES, ...configuration },
      passwords: { hashing: { niceness: 0, longestWaitSeconds: 60 } },
      tokens: { issuer: ISSUER, audience: AUDIENCE, ...tokens },
    }),
    logger: { info() {}, warn() {}, error() {} },
  });
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => server.close());
  return server;
}

/** Opens a verifier, which ends with the test. */
export function openVerifier(
  { url }: Pick<RunningServer, "url">,
  options: Partial<VerifierOptions> = {},
): Verifier {
  const verifier = createVerifier({ url, issuer: ISSUER, audience: AUDIENCE, service: SHOP, ...options });
  onTestFinished(() => verifier.close());
  return verifier;
}

/** Who has signed up, and with what. */
export interface Person {
  readonly id: string;
  readonly token: string;
  readonly credentials: { readonly email: string; readonly password: string };
}

let made = 0;

/** Somebody new with a token. */
export async function signUp({ url }: RunningServer): Promise<Person> {
  made += 1;
  const credentials = { email: `person-${made}@example.com`, password: "a tower of violins" };
  const { user, token } = await post(`${url}/v1/auth/register`, {
    ...credentials,
    username: `person-${made}`,
  });
  return { id: user.id, token, credentials };
}

/** Another token of somebody's. */
export async function logIn({ url }: RunningServer, { credentials }: Person): Promise<string> {
  return (await post(`${url}/v1/auth/login`, credentials)).token;
}

/** Ends the session of a token. */
export async function logOut({ url }: RunningServer, token: string): Promise<void> {
  await fetch(`${url}/v1/auth/logout`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of any shape.
async function post(url: string, body: object): Promise<any> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
}

/** What becomes of a token: `valid`, or the code of the error. */
export async function fateOf(verifier: Verifier, token: string): Promise<string> {
  return verifier.verify(token).then(
    () => "valid",
    (error) => error.code ?? String(error),
  );
}

/** A `fetch` that tells which paths were asked, and may be answered by somebody in between. */
export function watchFetch(
  between: (path: string, forward: () => Promise<Response>) => Promise<Response> = (_, forward) => forward(),
): { readonly fetch: typeof fetch; readonly paths: string[] } {
  const paths: string[] = [];
  return {
    paths,
    fetch: (input, init) => {
      const path = new URL(String(input)).pathname;
      paths.push(path);
      return between(path, () => fetch(input, init));
    },
  };
}
