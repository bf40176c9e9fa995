import { hashSync } from "@node-rs/bcrypt";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { type Answer, openAuth, type TestAuth, type TestAuthOptions } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

export const PASSWORD = "correct horse";
export const WRONG = "correct horsf";

type Throttling = NonNullable<ConfigurationInput["throttling"]>;

/** A database in which p1 to p20 have a password each, and nobody else. */
export async function peopled(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  await database.query(
    `INSERT INTO users (username, display_name, email, password_hash)
     SELECT 'p' || n, 'p', 'p' || n || '@example.com', $1 FROM generate_series(1, 20) n`,
    [hashSync(PASSWORD, { cost: 4 })],
  );
  return database;
}

/** Sign-in with these limits; hashes stay as they are. */
export function throttled(
  database: TestDatabase,
  throttling: Throttling,
  { configuration = {}, ...others }: TestAuthOptions = {},
): Promise<TestAuth> {
  const { passwords = {}, ...rest } = configuration;
  return openAuth(database, {
    ...others,
    configuration: { ...rest, throttling, passwords: { rehash: "never", ...passwords } },
  });
}

/** Who tries to log in, with what and from where. */
export interface Try {
  readonly email?: string;
  readonly username?: string;
  readonly password?: string;
  /** Where the connection comes from. */
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

let tries = 0;

/** Tries it; from an address of its own unless one is given. */
export async function attempt(
  auth: TestAuth,
  { password = WRONG, address, headers = {}, signal, ...name }: Try,
): Promise<Answer> {
  tries += 1;
  const request = new Request("http://localhost/v1/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...name, password }),
    ...(signal === undefined ? {} : { signal }),
  });
  const own = `10.${(tries >> 16) & 255}.${(tries >> 8) & 255}.${tries & 255}`;
  const response = await auth.fetch(request, { address: address ?? own });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

/** Tries one after the other. */
export async function attempts(auth: TestAuth, count: number, one: Try): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await attempt(auth, one)).status);
  return statuses;
}

/** The cookie by which a device is known, as a browser sends it back. */
export function deviceCookie({ headers }: Answer): string {
  const set = headers.getSetCookie().find((cookie) => cookie.startsWith("authgraft_device="));
  return set?.split(";")[0] ?? "";
}

/** Lets the time of every count pass. */
export async function passTime(database: TestDatabase, seconds: number): Promise<void> {
  await database.query("UPDATE authgraft.rate_limits SET expire = expire - $1::bigint * 1000", [seconds]);
}

/** What is counted at present, by kind. */
export async function counted(database: TestDatabase): Promise<Record<string, number>> {
  const { rows } = await database.query<{ kind: string; points: number }>(
    "SELECT split_part(key, ':', 1) AS kind, sum(points)::int AS points FROM authgraft.rate_limits GROUP BY 1",
  );
  return Object.fromEntries(rows.map(({ kind, points }) => [kind, points]));
}

/** How many passwords were looked at. */
export async function lookedAt(auth: TestAuth): Promise<number> {
  const [, count = "0"] =
    /authgraft_hashing_work_seconds_count\{kind="verify"\} (\d+)/.exec(await auth.metrics()) ?? [];
  return Number(count);
}
