/// <reference types="passport" />
import { createServer } from "node:http";
import express, { type RequestHandler } from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authgraft, requireUser } from "../../src/adapters/express.ts";
import { SignInError } from "../../src/errors.ts";
import type { AuthenticatedUser, Authenticator, Presented } from "../../src/http/authenticator.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { start } from "./support/application.ts";

const CREDENTIALS = { email: "ada@example.com", password: "a tower of violins" };

let auth: TestAuth;
let token: string;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  token = (await auth.post("/v1/auth/register", { ...CREDENTIALS, username: "ada-1815" })).body.token;
});

afterAll(() => auth?.close());

describe("behind a parser of bodies", () => {
  test.for([
    ["express.json()", express.json(), JSON.stringify(CREDENTIALS)],
    ["express.text()", express.text({ type: "*/*" }), JSON.stringify(CREDENTIALS)],
    ["express.raw()", express.raw({ type: "*/*" }), JSON.stringify(CREDENTIALS)],
  ] as const)("that is %s, a login is a login", async ([, parser, body]) => {
    const response = await send(parser, auth, "application/json", body);
    expect(response.status).toBe(200);
  });

  test("a form goes on as a form, a name that came twice twice", async () => {
    let seen: Request | undefined;
    const recording = recorder(async (request) => {
      seen = request;
      return new Response(await request.text());
    });
    const form = "token=a+b%26c&scope=one&scope=two";
    const response = await send(express.urlencoded(), recording, "application/x-www-form-urlencoded", form);
    expect([...new URLSearchParams(await response.text())]).toEqual([
      ["token", "a b&c"],
      ["scope", "one"],
      ["scope", "two"],
    ]);
    expect(seen?.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
  });

  test("a body that was compressed goes on as what it was", async () => {
    const zipped = new Blob([JSON.stringify(CREDENTIALS)])
      .stream()
      .pipeThrough(new CompressionStream("gzip"));
    const body = await new Response(zipped).arrayBuffer();
    const response = await send(express.json(), auth, "application/json", body, {
      "content-encoding": "gzip",
    });
    expect(response.status).toBe(200);
  });

  test("a request without a body stays one", async () => {
    const { origin } = await start(() => createServer(express().use(express.json(), authgraft(auth))), auth);
    const { body } = await auth.post("/v1/auth/login", CREDENTIALS);
    const headers = { authorization: `Bearer ${body.token}` };
    expect((await fetch(`${origin}/v1/auth/logout`, { method: "POST", headers })).status).toBe(204);
  });
});

test("headers that middleware set before are there in Authgraft's answers and refusals", async () => {
  const app = express().use((_, response, next) => {
    response.setHeader("access-control-allow-origin", "*");
    next();
  });
  app.use(authgraft(auth)).get("/me", requireUser(auth));
  const { origin } = await start(() => createServer(app), auth);
  for (const path of ["/v1/users/me", "/me"]) {
    const { status, headers } = await fetch(origin + path);
    expect([status, headers.get("access-control-allow-origin")]).toEqual([401, "*"]);
  }
});

test("a refusal that a later handler meets has its status and its challenge in Express's own answer", async () => {
  const gone = { ...auth, authenticate: failingLate };
  const app = express().set("env", "test").use("/account", requireUser(gone));
  app.get("/account", async (request, response) => void response.json(await request.user?.profile()));
  const { origin } = await start(() => createServer(app), auth);
  const { status, headers } = await fetch(`${origin}/account`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
});

test("request.user is typed beside Passport's declarations, and its profile is the user's row", async () => {
  const app = express().use("/account", requireUser(auth));
  app.get("/account", async (request, response) => {
    const signedIn: boolean = request.isAuthenticated === undefined && request.user !== undefined;
    const id: string | undefined = request.user?.id;
    const profile = await request.user?.profile();
    response.json({ signedIn, isSame: profile?.id === id, email: profile?.email });
  });
  const { origin } = await start(() => createServer(app), auth);
  const response = await fetch(`${origin}/account`, { headers: { authorization: `Bearer ${token}` } });
  expect(await response.json()).toEqual({ signedIn: true, isSame: true, email: CREDENTIALS.email });
});

async function send(
  parser: RequestHandler,
  to: Authenticator,
  contentType: string,
  body: string | ArrayBuffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { origin } = await start(() => createServer(express().use(parser, authgraft(to))), to);
  return fetch(`${origin}/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": contentType, ...headers },
    body,
  });
}

function recorder(answer: Authenticator["fetch"]): Authenticator {
  return { ...auth, fetch: answer };
}

async function failingLate(presented: Presented): Promise<AuthenticatedUser> {
  const user = await auth.authenticate(presented);
  const error = new SignInError("invalid_token", "The access token is not valid.");
  return { ...user, profile: () => Promise.reject(error) };
}
