import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type DatabaseServer, makeGraftedSample, query } from "../../scripts/support/database-server.ts";
import { type ServerProcess, startAuthgraft, startServer } from "../../scripts/support/server-process.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import type { Product } from "./results.ts";

/** A product that serves, and how to use it. */
export interface Subject {
  readonly product: Product;
  readonly server: ServerProcess;
  readonly loginPath: string;
  /** What a signed-in request asks for: who it is. */
  readonly checkPath: string;
  readonly proof: "bearer" | "cookie";
  readonly emails: readonly string[];
}

/** How many accounts there are, all with the same password, which is the same work for each. */
export interface People {
  readonly users: number;
  readonly password: string;
}

/** Authgraft on a grafted sample whose users have passwords by now, as `authgraft serve` serves it. */
export async function startOurs(database: DatabaseServer, people: People): Promise<Subject> {
  const url = await database.createDatabase("authgraft_app");
  await makeGraftedSample(url, people.users);
  await query(url, "UPDATE public.users SET password_hash = $1", [await hashOf(people.password)]);
  await query(url, "VACUUM (ANALYZE)");
  return {
    product: "authgraft",
    server: await startAuthgraft(url, database.directory),
    loginPath: "/v1/auth/login",
    checkPath: "/v1/users/me",
    proof: "bearer",
    emails: await emailsOf(url, "public.users"),
  };
}

/** better-auth on the same PostgreSQL, in a database of its own. */
export async function startBetterAuth(database: DatabaseServer, people: People): Promise<Subject> {
  const url = await database.createDatabase("better_auth_app");
  const module = (name: string) => fileURLToPath(new URL(`./better-auth/${name}.mjs`, import.meta.url));
  await promisify(execFile)(process.execPath, [
    module("prepare"),
    JSON.stringify({ databaseUrl: url, ...people }),
  ]);
  const server = await startServer({
    name: "better-auth",
    args: [module("serve")],
    environment: { DATABASE_URL: url, BETTER_AUTH_SECRET: randomBytes(48).toString("base64") },
    directory: database.directory,
    ready: /better-auth serves on (\d+)/,
  });
  return {
    product: "better-auth",
    server,
    loginPath: "/api/auth/sign-in/email",
    checkPath: "/api/auth/get-session",
    proof: "cookie",
    emails: await emailsOf(url, 'public."user"'),
  };
}

async function hashOf(password: string): Promise<string> {
  const passwords = await createPasswords(parseConfiguration({}).passwords);
  return passwords.hash(password).finally(() => passwords.close());
}

async function emailsOf(url: string, table: string): Promise<string[]> {
  const rows = await query<{ email: string }>(url, `SELECT email FROM ${table} ORDER BY md5(email)`);
  return rows.map(({ email }) => email);
}
