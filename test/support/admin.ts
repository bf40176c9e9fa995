import pino from "pino";
import { onTestFinished, TestRunner } from "vitest";
import { createOperator } from "../../src/auth/operator.ts";
import { type Auth, createAuth } from "../../src/auth.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { type Answer, TEST_SECRET } from "./auth.ts";
import { type Person, registerPerson } from "./person.ts";
import type { TestDatabase } from "./postgres.ts";

/** A key as the server asks for one. */
export const ADMIN_KEY = "only-for-tests-0123456789-abcdefghij";

/** The header that it goes into. */
export const BY_KEY = { "x-admin-api-key": ADMIN_KEY };

/** A server that is asked in process. */
export interface Asked {
  readonly logs: readonly string[];
  send(path: string, init?: RequestInit): Promise<Answer>;
  /** Asks by the key. */
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
}

export interface AdminOptions {
  readonly configuration?: ConfigurationInput;
  /** Null: none is set. */
  readonly adminApiKey?: string | null;
  readonly adminQueryDatabase?: string;
  readonly migrationDatabase?: string;
}

/** Opens sign-in with an operator's key; `address` is where its requests seem to come from. */
export async function openAdmin(
  database: TestDatabase,
  { configuration = {}, adminApiKey = ADMIN_KEY, ...options }: AdminOptions = {},
): Promise<Asked & Auth> {
  const { logs, logger } = log();
  const auth = await createAuth({
    ...{ database: database.url, secret: TEST_SECRET, logger, ...options },
    ...(adminApiKey === null ? {} : { adminApiKey }),
    configuration: {
      ...configuration,
      passwords: { hashing: { niceness: 0, longestWaitSeconds: 60 }, ...configuration.passwords },
    },
  });
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => auth.close());
  return { ...auth, ...asking(auth), logs };
}

/** Opens a server for its operator alone. */
export function openOperator(
  database: TestDatabase,
  { adminApiKey = ADMIN_KEY, ...options }: AdminOptions = {},
): Asked & ReturnType<typeof createOperator> {
  const { logs, logger } = log();
  const operator = createOperator({
    ...{ database: database.url, logger, ...options },
    ...(adminApiKey === null ? {} : { adminApiKey }),
  });
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => operator.close());
  return { ...operator, ...asking(operator), logs };
}

/** Registers somebody, and makes them an administrator as the database's owner would. */
export async function registerAdmin(auth: Asked, database: TestDatabase): Promise<Person> {
  const person = await register(auth);
  await database.query("UPDATE users SET is_admin = true WHERE id::text = $1", [person.id]);
  return person;
}

/** Registers somebody who is no administrator. */
export function register(auth: Asked, others: object = { display_name: "Somebody" }): Promise<Person> {
  const post = (path: string, body: unknown) => auth.send(path, asJson(body));
  return registerPerson({ post } as Parameters<typeof registerPerson>[0], others);
}

/** A request with a body, by nobody in particular. */
export function asJson(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** A request by an access token. */
export function byToken({ token }: Pick<Person, "token">, method = "GET"): RequestInit {
  return { method, headers: { authorization: `Bearer ${token}` } };
}

function log() {
  const logs: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void logs.push(line) });
  return { logs, logger };
}

function asking({ fetch }: Pick<Auth, "fetch">): Pick<Asked, "send" | "get" | "post"> {
  const send = async (path: string, init: RequestInit = {}) =>
    read(await fetch(new Request(`http://localhost${path}`, init)));
  return {
    send,
    get: (path) => send(path, { headers: BY_KEY }),
    post: (path, body) =>
      send(path, body === undefined ? { method: "POST", headers: BY_KEY } : asJson(body, BY_KEY)),
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = text !== "" && /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}
