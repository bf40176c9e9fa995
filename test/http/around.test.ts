import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase } from "../support/postgres.ts";

const SHOP = "https://shop.example.com";
const EVIL = "https://evil.example";
const LOGIN = { email: "nobody@example.com", password: "correct horse" };

let plain: TestAuth;
let open: TestAuth;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  plain = await openAuth(database);
  open = await openAuth(database, {
    configuration: {
      cookies: { allowedOrigins: [SHOP] },
      publicUrl: "https://auth.example.com",
      metrics: true,
    },
  });
});
afterAll(async () => {
  await plain.close();
  await open.close();
});

const preflight = (auth: TestAuth, origin: string, path = "/v1/auth/refresh") =>
  auth.send(path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });

describe("pages of cookies.allowedOrigins", () => {
  test("are told by the preflight what they may send, with cookies", async () => {
    const { status, headers } = await preflight(open, SHOP);
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(headers.get("access-control-allow-headers")).toMatch(/Authorization.*Content-Type/);
    expect(headers.get("vary")).toContain("Origin");
  });

  test.each([
    ["an answer", "/healthz", 200],
    ["an error", "/v1/users/me", 401],
    ["what is not there", "/nowhere", 404],
    ["what may be kept", "/.well-known/jwks.json", 200],
  ])("may read %s, and when to come back", async (_, path, status) => {
    const answer = await open.get(path, { headers: { origin: SHOP } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(answer.headers.get("access-control-expose-headers")).toMatch(/Retry-After.*WWW-Authenticate/);
    expect(answer.headers.get("vary")).toContain("Origin");
  });

  test("get their cookie with the answer", async () => {
    const person = {
      username: "lin",
      display_name: "Lin",
      email: "lin@example.com",
      password: "a tower of violins",
    };
    const answer = await open.post(
      "/v1/auth/register",
      { ...person, refresh: "cookie" },
      { headers: { origin: SHOP } },
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get("set-cookie")).toMatch(/authgraft_refresh=.*HttpOnly; Secure; SameSite=Strict/);
    expect(answer.headers.get("access-control-allow-origin")).toBe(SHOP);
  });

  test("are handed on by the frameworks that ask which routes there are", () => {
    expect(open.routes).toContainEqual({ method: "OPTIONS", path: "/v1/auth/login" });
    expect(plain.routes.map(({ method }) => method)).not.toContain("OPTIONS");
  });
});

describe("pages of anywhere else", () => {
  test.each([EVIL, "null", `${SHOP}.evil.example`, "http://shop.example.com", "https://SHOP.example.com"])(
    "are told nothing: %s",
    async (origin) => {
      for (const answer of [
        await preflight(open, origin),
        await open.get("/healthz", { headers: { origin } }),
        await open.post("/v1/auth/login", LOGIN, { headers: { origin } }),
      ]) {
        const names = [...answer.headers.keys()];
        expect(names.filter((name) => name.startsWith("access-control-"))).toEqual([]);
        expect(answer.headers.get("vary")).toContain("Origin");
      }
      expect((await preflight(open, origin)).status).toBe(405);
    },
  );

  test("are told nothing where no origin is allowed, and nothing varies", async () => {
    for (const answer of [
      await preflight(plain, SHOP),
      await plain.get("/healthz", { headers: { origin: SHOP } }),
    ]) {
      expect([...answer.headers.keys()].filter((name) => /^access-control-|^vary$/.test(name))).toEqual([]);
    }
    expect((await preflight(plain, SHOP)).status).toBe(405);
  });
});

describe("security headers", () => {
  test.each(["/healthz", "/v1/users/me", "/nowhere", "/openapi.json"])("are on %s", async (path) => {
    const { headers } = await plain.get(path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("strict-transport-security")).toBeNull();
  });

  test("hold browsers to HTTPS where publicUrl is of that kind, the application's other names left alone", async () => {
    for (const path of ["/healthz", "/v1/users/me", "/nowhere"]) {
      expect((await open.get(path)).headers.get("strict-transport-security")).toBe("max-age=63072000");
    }
  });
});

describe("a request's id", () => {
  const idOf = async (given?: string) => {
    const headers: Record<string, string> = given === undefined ? {} : { "x-request-id": given };
    const { headers: answered } = await plain.get("/v1/users/me", { headers });
    const id = answered.get("x-request-id");
    const line = JSON.parse(plain.logs.at(-1) ?? "{}");
    expect(line).toMatchObject({ msg: "request", request_id: id });
    return id;
  };

  test.each(["a", "01JCXR-5.2_a", "f".repeat(64)])("is the one that was given: %s", async (id) => {
    expect(await idOf(id)).toBe(id);
  });

  test.each([
    undefined,
    "",
    "two words",
    "x".repeat(65),
    'a"b',
    "ä",
    `agr_${"x".repeat(40)}`,
    "ago_x",
    "eyJhbGciOiJFUzI1NiJ9.e30.x",
    "-rf",
  ])("is made where %s was given", async (id) => {
    expect(await idOf(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("is on every answer, and another each time", async () => {
    const ids = await Promise.all(
      ["/healthz", "/nowhere", "/openapi.json"].map(async (path) =>
        (await plain.get(path)).headers.get("x-request-id"),
      ),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain(null);
  });
});

describe("GET /metrics", () => {
  test("counts and times requests by method, route and status, never by a path, and shows the process", async () => {
    await open.get("/v1/users/me");
    await open.get("/canary-path?token=canary-query");
    await open.send("/v1/users/me/sessions/canary-id", { method: "DELETE" });
    await open.send("/healthz", { method: "BREW" });
    const { text, headers } = await open.get("/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('authgraft_http_requests_total{method="GET",route="/v1/users/me",status="401"}');
    expect(text).toContain('{method="DELETE",route="/v1/users/me/sessions/:id",status="401"} 1');
    expect(text).toContain('{method="other",route="none",status="405"} 1');
    expect(text).toContain(
      'authgraft_http_request_duration_seconds_bucket{le="0.1",method="GET",route="none"} ',
    );
    expect(text).toContain("authgraft_http_requests_in_flight 1\n");
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect(text).not.toContain("canary");
  });

  test("is not there unless the configuration asks for it", async () => {
    expect((await plain.get("/metrics")).status).toBe(404);
    expect(await plain.metrics()).toContain("authgraft_http_requests_total");
  });
});
