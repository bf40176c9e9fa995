import { pbkdf2Sync, randomBytes } from "node:crypto";
import type { JWK } from "jose";
import { type DatabaseServer, makeGraftedSample, query } from "../../scripts/support/database-server.ts";
import { type Auth, createAuth } from "../../src/auth.ts";

/** A grafted application, and its secret, for as many processes as want to serve it. */
export interface Application {
  readonly url: string;
  readonly secret: string;
  readonly password: string;
  readonly emails: readonly string[];
}

const USERS = 1_000;

/** How many sign in at a time. */
const AT_ONCE = 8;

/** A grafted sample in a database of its own, whose users have passwords that cost next to nothing to verify. */
export async function makeApplication(database: DatabaseServer, name: string): Promise<Application> {
  return fillApplication(await database.createDatabase(name));
}

/** The same in an empty database that is there already. */
export async function fillApplication(url: string): Promise<Application> {
  await makeGraftedSample(url, USERS);
  const password = randomBytes(9).toString("base64url");
  await query(url, "UPDATE public.users SET password_hash = $1", [cheapHash(password)]);
  // As on any later day: tokens from before the feed was written are asked of the database.
  await query(url, "UPDATE authgraft.provenance SET recorded_at = recorded_at - interval '1 hour'");
  await query(url, "VACUUM (ANALYZE)");
  const rows = await query<{ email: string }>(url, "SELECT email FROM public.users ORDER BY id");
  const secret = randomBytes(48).toString("base64");
  return { url, secret, password, emails: rows.map(({ email }) => email) };
}

/** Signs in so many times, with one account after the other, and gives back the access tokens. */
export async function signIn(application: Application, count: number): Promise<string[]> {
  // The hashes stay as cheap as they are.
  const configuration = { passwords: { rehash: "never" } } as const;
  const auth = await createAuth({ database: application.url, secret: application.secret, configuration });
  try {
    const tokens: string[] = [];
    let next = 0;
    const one = async () => {
      while (next < count) tokens.push(await login(auth, application, next++));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    return tokens;
  } finally {
    await auth.close();
  }
}

/** The public signing key, as every service gets it. */
export async function publicKeyOf({ url, secret }: Application): Promise<JWK> {
  const auth = await createAuth({ database: url, secret });
  try {
    const response = await auth.fetch(new Request("http://localhost:8080/.well-known/jwks.json"));
    const { keys } = (await response.json()) as { keys: JWK[] };
    const [key] = keys;
    if (key === undefined) throw new Error("there is no signing key");
    return key;
  } finally {
    await auth.close();
  }
}

/** `jti` of a token. */
export function tokenIdOf(token: string): string {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
  return (JSON.parse(payload) as { jti: string }).jti;
}

async function login(auth: Auth, { emails, password }: Application, turn: number): Promise<string> {
  const response = await auth.fetch(
    new Request("http://localhost:8080/v1/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: emails[turn % emails.length], password }),
    }),
  );
  if (response.status !== 200)
    throw new Error(`nobody can sign in: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { token: string }).token;
}

/** One round of PBKDF2, as Django writes it. */
function cheapHash(password: string): string {
  const salt = randomBytes(9).toString("base64url");
  const key = pbkdf2Sync(password, salt, 1, 32, "sha256").toString("base64");
  return `pbkdf2_sha256$1$${salt}$${key}`;
}
