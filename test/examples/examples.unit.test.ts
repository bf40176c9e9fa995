import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServerProcess, startServer } from "../../scripts/support/server-process.ts";
import { up } from "../../src/migration/up.ts";
import { freePort } from "../docs/support/free-port.ts";
import { type OwnPostgres, startOwnPostgres } from "../docs/support/own-postgres.ts";
import { ROOT } from "../docs/support/pages.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";

const EXAMPLES = readdirSync(join(ROOT, "examples"));

let postgres: OwnPostgres;
let directory: string;
let databaseUrl: string;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  directory = await mkdtemp(join(tmpdir(), "authgraft-examples-"));
  databaseUrl = await postgres.makeSample("app", "b");
  await up({ databaseUrl });
});

afterAll(async () => {
  await postgres?.remove();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

test("there is an example for each adapter", () => {
  expect(EXAMPLES.toSorted()).toEqual(["express", "fastify", "hono", "next-style-request", "node"]);
});

describe.for(EXAMPLES)("examples/%s", (name) => {
  test("names this version of Authgraft, and of every package the one it is tested with", () => {
    const own = readPackage("package.json");
    const { dependencies, devDependencies } = readPackage(`examples/${name}/package.json`);
    const { authgraft, ...others } = { ...dependencies, ...devDependencies };
    expect(authgraft).toBe(`^${own.version}`);
    expect({ ...own.dependencies, ...own.devDependencies }).toMatchObject(others);
  });

  test("greets who is signed in, and lets administrators in as long as they are", async () => {
    const server = await startExample(name);
    try {
      await walkThrough(server.origin, name);
    } finally {
      await server.stop();
    }
  });
});

async function walkThrough(origin: string, name: string): Promise<void> {
  const person = { email: `${name}@example.com`, username: name, display_name: `Ada of ${name}` };
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(origin + path, { headers });
    return { status: response.status, body: await response.json() };
  };
  const password = "a tower of violins";
  const registered = await post(`${origin}/v1/auth/register`, { ...person, password });
  expect(registered.status).toBe(201);
  const login = await post(`${origin}/v1/auth/login`, { email: person.email, password });
  const { token } = (await login.json()) as { token: string };

  expect(await get("/")).toEqual({ status: 200, body: { message: "Welcome." } });
  expect(await get("/me", token)).toEqual({
    status: 200,
    body: { message: `Hello, ${person.display_name}.` },
  });
  expect(await get("/me")).toMatchObject({ status: 401, body: { code: "invalid_token" } });
  expect(await get("/me", `${token}x`)).toMatchObject({ status: 401, body: { code: "invalid_token" } });

  expect(await get("/admin")).toMatchObject({ status: 401 });
  expect(await get("/admin", token)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  await setAdmin(person.email, true);
  expect(await get("/admin", token)).toMatchObject({
    status: 200,
    body: { message: expect.stringContaining("is an administrator") },
  });
  await setAdmin(person.email, false);
  expect(await get("/admin", token)).toMatchObject({ status: 403 });

  expect((await post(`${origin}/v1/auth/logout`, undefined, token)).status).toBe(204);
  await eventually(async () => (await get("/me", token)).status).toBe(401);
  expect((await fetch(`${origin}/v1/nothing`)).status).toBe(404);
}

function post(url: string, body?: object, token?: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Starts an example as `npm run example` does. */
async function startExample(name: string): Promise<ServerProcess> {
  const hooks = pathToFileURL(join(ROOT, "scripts/support/authgraft-from-source.ts")).href;
  return startServer({
    name,
    args: ["--import", hooks, join(ROOT, "examples", name, "server.ts")],
    environment: {
      ...{ DATABASE_URL: databaseUrl, AUTHGRAFT_SECRET: TEST_SECRET },
      PORT: String(await freePort()),
    },
    directory,
    ready: /Listening on http:\/\/localhost:(\d+)/,
  });
}

async function setAdmin(email: string, isAdmin: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("UPDATE users SET is_admin = $1 WHERE email = $2", [isAdmin, email]);
  } finally {
    await client.end();
  }
}

interface PackageFile {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readPackage(path: string): PackageFile {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
