import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Auth } from "../../src/auth.ts";
import { DatabaseError, SignInError } from "../../src/errors.ts";
import type { Authenticator } from "../../src/http/authenticator.ts";
import { openAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { type Application, type MakeApplication, start } from "./support/application.ts";
import { onExpress, onExpressBehindParsers } from "./support/on-express.ts";
import { onFastify } from "./support/on-fastify.ts";
import { onHono } from "./support/on-hono.ts";
import { onNode } from "./support/on-node.ts";
import { onRequest } from "./support/on-request.ts";

const ADAPTERS: readonly (readonly [string, MakeApplication])[] = [
  ["node:http", onNode],
  ["Express", onExpress],
  ["Express, its body parsers first", onExpressBehindParsers],
  ["Fastify", onFastify],
  ["Hono", onHono],
  ["Request and Response", onRequest],
];

const PASSWORD = "a tower of violins";

let database: TestDatabase;
let auth: Auth;
let people = 0;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  auth = await openAuth(database);
});

afterAll(() => auth?.close());

describe.for(ADAPTERS)("%s", ([, make]) => {
  let app: Application;
  let ada: Person;

  beforeAll(async () => {
    app = await start(make, auth);
    ada = await register(app);
  });

  afterAll(() => app?.close());

  test("answers Authgraft's own routes", async () => {
    const { email } = ada;
    const login = await post(app, "/v1/auth/login", { email, password: PASSWORD });
    expect(login.status).toBe(200);
    expect(login.headers.get("cache-control")).toBe("no-store");
    const { token } = (await login.json()) as { token: string };
    expect(await (await get(app, "/v1/users/me", token)).json()).toMatchObject({ user: { email } });
    const refused = await post(app, "/v1/auth/login", { email, password: "a tower of cellos" });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: "invalid_credentials" });
    expect((await get(app, "/openapi.json")).status).toBe(200);
  });

  test("hands bodies on that come in pieces, and answers 413 to one that is too large", async () => {
    const body = JSON.stringify({ email: ada.email, password: PASSWORD });
    expect(await sendInPieces(app, [body.slice(0, 10), body.slice(10)])).toBe(200);
    const large = await post(app, "/v1/auth/login", { email: "a".repeat(20_000), password: PASSWORD });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: "body_too_large" });
  });

  test("leaves every other request to the application, its body unread", async () => {
    expect(await (await get(app, "/")).json()).toEqual({ public: true });
    expect(await (await post(app, "/echo", { order: 7 })).json()).toEqual({ order: 7 });
    expect(await (await get(app, "/v1/orders")).json()).toEqual({ orders: [] });
    for (const path of ["/v1/nothing", "/v1/auth/login", "/v1/auth/login/more", "/v1/auth"]) {
      const response = await get(app, path);
      expect([path, response.status, await response.json()]).toEqual([path, 404, { nothing: "here" }]);
    }
  });

  test("tells the application who is signed in", async () => {
    expect(await (await get(app, "/me", ada.token)).json()).toEqual({ id: ada.id });
  });

  test.for([
    ["no token", {}],
    ["a bad token", { authorization: "Bearer bad" }],
    ["another scheme", { authorization: "Basic YWRhOmFkYQ==" }],
  ] as const)("answers %s as Authgraft's own routes do", async ([, headers]) => {
    const own = await answerOf(await auth.fetch(new Request("http://localhost/v1/users/me", { headers })));
    expect(own.status).toBe(401);
    for (const path of ["/me", "/admin"]) {
      expect(await answerOf(await fetch(app.origin + path, { headers }))).toEqual(own);
    }
  });

  test("answers HEAD as it does GET", async () => {
    const refused = await fetch(`${app.origin}/v1/users/me`, { method: "HEAD" });
    expect([refused.status, await refused.text()]).toEqual([401, ""]);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    const healthy = await fetch(`${app.origin}/healthz`, { method: "HEAD" });
    expect([healthy.status, await healthy.text()]).toEqual([200, ""]);
  });

  test("asks the database who is an administrator, each time (63)", async () => {
    const grant = (isAdmin: boolean) =>
      database.query("UPDATE users SET is_admin = $1 WHERE id::text = $2", [isAdmin, ada.id]);
    const refused = await get(app, "/admin", ada.token);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: "forbidden" }]);
    await grant(true);
    const granted = await get(app, "/admin", ada.token);
    expect([granted.status, await granted.json()]).toEqual([200, { id: ada.id }]);
    await grant(false);
    expect((await get(app, "/admin", ada.token)).status).toBe(403);
  });

  test("answers 503 with Retry-After while the database cannot decide", async () => {
    await database.query("ALTER SCHEMA authgraft RENAME TO gone");
    try {
      const response = await get(app, "/admin", ada.token);
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(response.headers.get("content-type")).toBe("application/problem+json");
    } finally {
      await database.query("ALTER SCHEMA gone RENAME TO authgraft");
    }
  });

  test("refuses a token that was signed out", async () => {
    const { token } = await register(app);
    expect((await get(app, "/me", token)).status).toBe(200);
    expect((await post(app, "/v1/auth/logout", undefined, token)).status).toBe(204);
    expect((await get(app, "/admin", token)).status).toBe(401);
    await eventually(async () => (await get(app, "/me", token)).status).toBe(401);
  });

  test("refuses with a status where a handler finds that the user is gone, or that nobody can tell", async () => {
    expect(await (await get(app, "/profile", ada.token)).json()).toEqual({ email: ada.email });
    for (const [error, status] of [
      [new SignInError("invalid_token", "The access token is not valid."), 401],
      [new DatabaseError("database_unreachable", "No PostgreSQL answers."), 503],
    ] as const) {
      const late = await start(make, failingLate(error));
      expect((await get(late, "/profile", ada.token)).status).toBe(status);
    }
  });

  test("leaves errors of the application to the application", async () => {
    const response = await get(app, "/broken", ada.token);
    expect([response.status, await response.json()]).toEqual([500, { handled: "out of orders" }]);
  });

  test("leaves failures that refuse nobody to the application as well", async () => {
    const broken = { ...auth, authenticate: () => Promise.reject(new TypeError("a fault")) };
    const response = await get(await start(make, broken), "/me", ada.token);
    expect([response.status, await response.json()]).toEqual([500, { handled: "a fault" }]);
  });
});

describe.for(ADAPTERS)("%s hands on", ([, make]) => {
  test("where the connection comes from, with what proxies say", async () => {
    const { app, calls } = await endless(make);
    const leaving = new AbortController();
    const headers = { "x-forwarded-for": "192.0.2.7" };
    await fetch(`${app.origin}/v1/events/all?after=1`, { headers, signal: leaving.signal });
    leaving.abort();
    const [call] = calls;
    expect(call?.address).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    expect(call?.request.headers.get("x-forwarded-for")).toBe("192.0.2.7");
    expect(call?.request.url).toBe(`${app.origin}/v1/events/all?after=1`);
  });

  test("an answer bit by bit, until the client goes", async () => {
    const { app, ended } = await endless(make);
    const leaving = new AbortController();
    const response = await fetch(`${app.origin}/v1/events/all`, { signal: leaving.signal });
    const { value } = await (response.body ?? new ReadableStream()).getReader().read();
    expect(new TextDecoder().decode(value)).toBe("event: first\n\n");
    leaving.abort();
    await eventually(async () => ended).toEqual(["events"]);
  });

  test("that the client has gone", async () => {
    const { app, calls, ended } = await endless(make);
    const leaving = new AbortController();
    const { signal } = leaving;
    const login = post(
      app,
      "/v1/auth/login",
      { email: "ada@example.com", password: PASSWORD },
      undefined,
      signal,
    );
    await eventually(async () => calls.length).toBe(1);
    leaving.abort();
    await expect(login).rejects.toThrow();
    await eventually(async () => ended).toEqual(["login"]);
  });
});

/** An application with an Authgraft that has a route which never ends, and logins that go on until the client has gone. */
async function endless(make: MakeApplication) {
  const calls: { address: string | undefined; request: Request }[] = [];
  const ended: string[] = [];
  const stream = () =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("event: first\n\n")),
      cancel: () => void ended.push("events"),
    });
  const app = await start(make, {
    ...auth,
    routes: [...auth.routes, { method: "GET", path: "/v1/events/:kind" }],
    fetch: async (request, from = {}) => {
      calls.push({ address: from.address, request });
      if (request.method === "GET") return new Response(stream());
      await once(request.signal, "abort");
      ended.push("login");
      return new Response();
    },
  });
  return { app, calls, ended };
}

/** Authgraft, where users are gone as soon as they are let in. */
function failingLate(error: Error): Authenticator {
  return {
    ...auth,
    authenticate: async (presented) => ({
      ...(await auth.authenticate(presented)),
      profile: () => Promise.reject(error),
    }),
  };
}

interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

async function register(app: Application): Promise<Person> {
  people += 1;
  const names = { email: `ada.${people}@example.com`, username: `ada-${people}`, display_name: "Ada" };
  const response = await post(app, "/v1/auth/register", { ...names, password: PASSWORD });
  expect(response.status).toBe(201);
  const { token, user } = (await response.json()) as { token: string; user: { id: string } };
  return { id: user.id, email: names.email, token };
}

function get(app: Application, path: string, token?: string): Promise<Response> {
  return fetch(app.origin + path, { headers: bearer(token) });
}

function post(
  app: Application,
  path: string,
  body?: unknown,
  token?: string,
  signal: AbortSignal | null = null,
): Promise<Response> {
  const headers = { ...(body === undefined ? {} : { "content-type": "application/json" }), ...bearer(token) };
  return fetch(app.origin + path, {
    ...{ method: "POST", headers, signal },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Sends a login without saying how long its body is. Returns the status. */
async function sendInPieces(app: Application, pieces: readonly string[]): Promise<number | undefined> {
  const sent = httpRequest(`${app.origin}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
  });
  for (const piece of pieces) sent.write(piece);
  sent.end();
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode;
}

/** What of an answer is Authgraft's: the rest are a server's own. */
async function answerOf(response: Response) {
  const names = [
    ...["www-authenticate", "content-type", "cache-control", "x-content-type-options"],
    ...["referrer-policy", "content-security-policy"],
  ];
  const headers = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]));
  return { status: response.status, headers, body: await response.json() };
}
