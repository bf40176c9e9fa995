import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { ApiError, type Client, type ClientOptions, createClient } from "../../src/client/client.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { openEverything } from "../support/everything.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { SHOP } from "../support/service.ts";
import { openBrowser, type TestBrowser } from "./support/browser.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "a tower of violins" };
const BASE = "http://localhost";
const EXPIRED = 16 * 60_000;

let database: TestDatabase;
let auth: TestAuth;
let browser: TestBrowser;
let clock = 0;

beforeEach(async () => {
  clock = 0;
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openEverything(database, { now: () => Date.now() + clock });
  browser = openBrowser(auth);
});

const client = (options: Partial<ClientOptions> = {}): Client =>
  createClient({ baseUrl: BASE, fetch: browser.fetch, ...options });

const refreshes = () => browser.sent.filter((line) => line === "POST /v1/auth/refresh").length;

const errorOf = async (work: Promise<unknown>): Promise<ApiError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

describe.each(["body", "cookie"] as const)("a client with the refresh token in a %s", (refresh) => {
  test("registers, goes on, signs out, and signs in again", async () => {
    const told: boolean[] = [];
    const ours = client({ refresh, onSession: (session) => told.push(session !== null) });
    const registered = await ours.register(ADA);
    expect(registered).toMatchObject({ user: (await ours.getUser()).user });
    expect(ours.accessToken()).toMatch(/^eyJ/);
    await ours.logout();
    expect(ours.accessToken()).toBeUndefined();
    expect((await errorOf(ours.getUser())).code).toBe("invalid_token");
    await ours.login({ username: ADA.username, password: ADA.password });
    expect((await ours.listSessions()).sessions).toMatchObject([{ current: true }]);
    expect(told.filter(Boolean)).toHaveLength(2);
    expect(browser.cookies.has("authgraft_refresh")).toBe(refresh === "cookie");
  });

  test("renews an expired access token once, however many requests meet it", async () => {
    const ours = client({ refresh });
    await ours.register(ADA);
    const before = ours.accessToken();
    clock += EXPIRED;
    const answers = await Promise.all(Array.from({ length: 12 }, () => ours.getUser()));
    expect(new Set(answers.map(({ user }) => user.email))).toEqual(new Set([ADA.email]));
    expect(refreshes()).toBe(1);
    expect(ours.accessToken()).not.toBe(before);
    clock += EXPIRED;
    await ours.getUser();
    expect(refreshes()).toBe(2);
  });

  test("knows when the session is over, and asks no further", async () => {
    const told: unknown[] = [];
    const ours = client({ refresh, onSession: (session) => told.push(session) });
    await ours.register(ADA);
    await database.query("DELETE FROM authgraft.sessions");
    const error = await errorOf(ours.getUser());
    expect([error.status, error.code]).toEqual([401, "invalid_token"]);
    expect(ours.accessToken()).toBeUndefined();
    expect(told.at(-1)).toBeNull();
    expect(refreshes()).toBe(1);
  });

  test("keeps the session where nobody can tell whether it is over", async () => {
    const ours = client({ refresh });
    await ours.register(ADA);
    clock += EXPIRED;
    await database.query("ALTER TABLE authgraft.sessions RENAME TO gone");
    const error = await errorOf(ours.getUser());
    expect([error.status, error.retryAfter]).toEqual([503, 1]);
    await database.query("ALTER TABLE authgraft.gone RENAME TO sessions");
    expect((await ours.getUser()).user.email).toBe(ADA.email);
  });
});

test("a page that is loaded anew goes on with the cookie alone", async () => {
  await client({ refresh: "cookie" }).register(ADA);
  const reloaded = client({ refresh: "cookie" });
  expect((await reloaded.getUser()).user.email).toBe(ADA.email);
  expect(browser.sent.slice(1)).toEqual(["POST /v1/auth/refresh", "GET /v1/users/me"]);
});

test("a program goes on with a refresh token from before", async () => {
  const kept: (string | undefined)[] = [];
  await client({ onSession: (session) => kept.push(session?.refreshToken) }).register(ADA);
  const { user } = await client({ refreshToken: kept[0] ?? "" }).getUser();
  expect(user.username).toBe(ADA.username);
});

test("no request is sent with a cookie unless that was asked for", async () => {
  await client().register(ADA);
  expect(browser.cookies.size).toBe(0);
});

describe("a refusal is an ApiError", () => {
  test("with what is wrong field by field, and the request's id", async () => {
    const error = await errorOf(
      client().register({ ...ADA, email: "ada at example.com", password: "short" }),
    );
    expect(error).toMatchObject({ status: 422, code: "field_invalid", retryAfter: undefined });
    expect(error.errors.map(({ field, code }) => [field, code])).toEqual([
      ["email", "field_invalid"],
      ["password", "password_too_short"],
    ]);
    expect(error.message).toBe(error.detail);
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("with the time after which to come back", async () => {
    const limited = await openAuth(database, {
      configuration: { throttling: { failuresPerAccount: { most: 1, windowSeconds: 60 } } },
    });
    const ours = client({ fetch: openBrowser(limited).fetch });
    const wrong = { username: ADA.username, password: "a tower of cellos" };
    expect((await errorOf(ours.login(wrong))).status).toBe(401);
    const error = await errorOf(ours.login(wrong));
    expect(error).toMatchObject({ status: 429, code: "too_many_requests" });
    expect(error.retryAfter).toBeGreaterThan(0);
  });

  test("also where no Authgraft answered, but a proxy before it", async () => {
    const fetch = async () =>
      new Response("<h1>Bad Gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
    const error = await errorOf(client({ fetch }).getHealth());
    expect(error).toMatchObject({ status: 502, code: "response_unexpected", errors: [] });
  });

  test.each([
    ["{", "application/problem+json"],
    ["null", "application/problem+json"],
    ["{}", "application/problem+json"],
    ["<h1>Sign in to the proxy</h1>", "text/html"],
  ])("and whatever it writes, the session is kept: %s", async (body, type) => {
    const odd = async () => new Response(body, { status: 401, headers: { "content-type": type } });
    const told: unknown[] = [];
    const ours = client({
      ...{ fetch: odd, refreshToken: "agr_of-before", onSession: (session) => told.push(session) },
    });
    expect(await errorOf(ours.getUser())).toMatchObject({ status: 401, code: "response_unexpected" });
    expect(told).toEqual([]);
  });

  test("and a redirect is not followed: neither the key nor a password goes to another server", async () => {
    const asked: string[] = [];
    const [here, elsewhere] = [createServer(), createServer((_, response) => response.end("{}"))];
    elsewhere.on("request", ({ headers }) => asked.push(JSON.stringify(headers)));
    await once(elsewhere.listen(0, "127.0.0.1"), "listening");
    const { port } = elsewhere.address() as AddressInfo;
    here.on("request", (_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    await once(here.listen(0, "127.0.0.1"), "listening");
    const baseUrl = `http://127.0.0.1:${(here.address() as AddressInfo).port}`;
    const ours = createClient({ baseUrl, adminApiKey: "canary-of-the-operators-key" });
    const [listed, signedIn] = [await errorOf(ours.adminListUsers()), await errorOf(ours.login(ADA))];
    expect([listed.status, listed.code, signedIn.code]).toEqual([
      307,
      "response_unexpected",
      "response_unexpected",
    ]);
    expect(asked).toEqual([]);
    for (const server of [here, elsewhere]) {
      server.closeAllConnections();
      server.close();
    }
  });

  test("and where there is no answer at all, the error is that of fetch", async () => {
    const fetch = async () => {
      throw new TypeError("fetch failed");
    };
    await expect(client({ fetch }).getHealth()).rejects.toThrow(TypeError);
    const stop = AbortSignal.abort();
    await expect(client().getHealth({}, { signal: stop })).rejects.toThrow(/abort/i);
  });
});

test("paths, queries and forms are written as the server reads them", async () => {
  const ours = client({ service: SHOP });
  await ours.register(ADA);
  expect((await errorOf(ours.endSession({ id: "../../a b?c" }))).code).toBe("session_not_found");
  const token = ours.accessToken() ?? "";
  expect(await ours.introspectToken({ token })).toMatchObject({ active: true });
  expect(await ours.getRevocations({ nonce: "n & m" })).toMatch(/^eyJ/);
  expect(await ours.revokeToken({ token })).toBeUndefined();
  expect(await ours.introspectToken({ token })).toEqual({ active: false });
  expect(await ours.getMetrics()).toContain("authgraft_http_requests_total");
});
