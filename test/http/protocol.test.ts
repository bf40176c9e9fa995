import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration: { throttling: "off" } });
});
afterAll(() => auth.close());

const ROUTES = [
  ["GET", "/v1/auth/config"],
  ["POST", "/v1/auth/register"],
  ["POST", "/v1/auth/verify-email"],
  ["POST", "/v1/auth/confirm-email-change"],
  ["POST", "/v1/auth/login"],
  ["POST", "/v1/auth/refresh"],
  ["POST", "/v1/auth/logout"],
  ["POST", "/v1/auth/logout-all"],
  ["POST", "/v1/auth/forgot-password"],
  ["POST", "/v1/auth/reset-password"],
  ["POST", "/v1/users/me/password"],
  ["POST", "/v1/users/me/password/first"],
  ["POST", "/v1/auth/claim"],
  ["POST", "/v1/auth/claim/check"],
  ["GET", "/v1/users/me"],
  ["PATCH", "/v1/users/me"],
  ["POST", "/v1/users/me/email"],
  ["POST", "/v1/users/me/email/verification"],
  ["POST", "/v1/users/me/close"],
  ["GET", "/v1/users/me/sessions"],
  ["DELETE", "/v1/users/me/sessions/{id}"],
  ["POST", "/oauth/revoke"],
  ["GET", "/.well-known/jwks.json"],
  ["GET", "/admin/users"],
  ["GET", "/admin/users/{id}"],
  ["POST", "/admin/users/{id}/promote"],
  ["POST", "/admin/users/{id}/demote"],
  ["POST", "/admin/users/{id}/disable"],
  ["POST", "/admin/users/{id}/enable"],
  ["POST", "/admin/users/{id}/end-sessions"],
  ["POST", "/admin/users/{id}/claim-link"],
  ["POST", "/admin/claim-links"],
  ["GET", "/admin/audit"],
  ["GET", "/healthz"],
  ["GET", "/readyz"],
  ["GET", "/openapi.json"],
  ["GET", "/docs"],
] as const;

const LOGIN = "/v1/auth/login";

/** Every error is a problem of RFC 9457 with a stable code. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer).toMatchObject({ status, body: { type: `urn:authgraft:problem:${code}`, status, code } });
  expect(answer.body.title).toBeTypeOf("string");
}

const post = (body: NonNullable<RequestInit["body"]>, type?: string) =>
  auth.send(LOGIN, {
    method: "POST",
    body,
    headers: type === undefined ? {} : { "content-type": type },
    duplex: "half",
  } as RequestInit);

describe("a request that no route takes", () => {
  test.each([
    "/",
    "/v1",
    "/v1/auth",
    "/v1/auth/login/",
    "/v1/users/1",
    "/healthz/x",
    "/..%2fhealthz",
    "/%00",
  ])("%s is not found", async (path) => {
    expectProblem(await auth.get(path), 404, "not_found");
  });

  const paths = [...new Set(ROUTES.map(([, path]) => path))];
  test.each(
    paths.flatMap((path) => {
      const own: string[] = ROUTES.filter(([, other]) => other === path).map(([method]) => method);
      const allowed = [...own, ...(own.includes("GET") ? ["HEAD"] : [])].sort().join(", ");
      return ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .filter((method) => !own.includes(method))
        .map((method) => [method, path, allowed] as const);
    }),
  )("%s %s is told the methods there are", async (method, path, allowed) => {
    const answer = await auth.send(path, { method });
    expectProblem(answer, 405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe(allowed);
  });

  test("HEAD is answered where GET is, without a body", async () => {
    expect(await auth.send("/healthz", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(await auth.send("/v1/users/me", { method: "HEAD" })).toMatchObject({ status: 401 });
  });
});

describe("a body", () => {
  const GOOD = JSON.stringify({ username: "nobody", password: "correct horse" });

  test.each([
    ["text/plain", GOOD],
    ["application/x-www-form-urlencoded", "username=ada&password=x"],
    ["multipart/form-data; boundary=x", "--x--"],
    ["application/jsonp", GOOD],
    ["application/json; charset=utf-16", GOOD],
    ["text/json", GOOD],
    ["application/json ;charset=utf-8", GOOD],
    [undefined, GOOD],
  ])("of type %s is refused", async (type, body) => {
    expectProblem(await post(Buffer.from(body), type), 415, "media_type_unsupported");
  });

  test.each(["application/json", "application/json; charset=utf-8", 'Application/JSON; Charset="UTF-8"'])(
    "of type %s is read",
    async (type) => {
      expectProblem(await post(GOOD, type), 401, "invalid_credentials");
    },
  );

  test.each([
    ["nothing", ""],
    ["half of an object", '{"username": "ada", '],
    ["two values", "{} {}"],
    ["NaN", '{"username": NaN}'],
    ["a comment", '{/* */ "username": "ada"}'],
    [
      "bytes that are no UTF-8",
      Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ],
    ["a surrogate in UTF-8, which is none", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])("of %s is broken", async (_, body) => {
    expectProblem(await post(body, "application/json"), 400, "body_invalid");
  });

  test.each([
    "[]",
    '"text"',
    "7",
    "null",
    "true",
    '[{"username":"ada"}]',
    '{"__proto__":{"is_admin":true},"username":"ada","password":"x"}',
    '{"constructor":1}',
  ])("that is %s is understood and refused", async (body) => {
    const answer = await post(body, "application/json");
    expect(answer.status).toBe(422);
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });

  test.each([
    [{ email: 1, password: "x" }, "The field email must be a text."],
    [{ email: "a@example.com", username: "a", password: "x" }, "Give an email or a username, not both."],
    [{ password: "x" }, "The field email is missing."],
  ])("of %j is told what is wrong, and that alone", async (body, message) => {
    const answer = await auth.post(LOGIN, body);
    expect(answer.body.errors).toMatchObject([{ field: "email", message }]);
  });

  test("of 16 KiB is read, and of one byte more is not (37)", async () => {
    const padded = (bytes: number) => GOOD.padEnd(bytes, " ");
    expectProblem(await post(padded(16_384), "application/json"), 401, "invalid_credentials");
    expectProblem(await post(padded(16_385), "application/json"), 413, "body_too_large");
  });

  test("that comes without its length is counted as it comes", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024).fill(0x20));
      },
    });
    expectProblem(await post(endless, "application/json"), 413, "body_too_large");
    expect(sent).toBeLessThan(64 * 1_024);
  });

  test("too deep to be anything is no more than a refusal", async () => {
    const answer = await post("[".repeat(8_000), "application/json");
    expectProblem(answer, 400, "body_invalid");
    expect((await post(`${"[".repeat(8_000)}${"]".repeat(8_000)}`, "application/json")).status).toBe(422);
  });

  test("with a field name of ten thousand characters gets a short answer", async () => {
    const answer = await post(JSON.stringify({ ["x".repeat(10_000)]: 1 }), "application/json");
    expect(answer.status).toBe(422);
    expect(answer.text.length).toBeLessThan(1_000);
  });
});

/** What says the same to everybody may be kept for a while. */
const PUBLIC: Readonly<Record<string, string>> = {
  "/.well-known/jwks.json": "public, max-age=300",
  "/v1/auth/config": "public, max-age=60",
};

test.each([...ROUTES, ["GET", "/nowhere"], ["PUT", "/healthz"]] as const)(
  "%s %s is nobody's to keep (the public keys and settings aside), and no page",
  async (method, path) => {
    const { headers } = await auth.send(path, { method });
    expect(headers.get("cache-control")).toBe(PUBLIC[path] ?? "no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("set-cookie")).toBeNull();
  },
);

describe("/openapi.json", () => {
  test("describes every route, and no other", async () => {
    const { body } = await auth.get("/openapi.json");
    const described = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path]),
    );
    expect(described.sort()).toEqual(ROUTES.map((route) => [...route]).sort());
    expect(body.openapi).toBe("3.1.0");
  });

  test("describes what any route may answer, and that a login names its user in one way", async () => {
    const { paths, components } = (await auth.get("/openapi.json")).body;
    const operations = Object.values<Record<string, { responses: object }>>(paths).flatMap(Object.values);
    expect(operations).toHaveLength(ROUTES.length);
    for (const { responses } of operations) expect(responses).toHaveProperty("default");
    expect(paths["/v1/auth/logout"].post.responses).toHaveProperty("413");
    expect(components.schemas.Credentials.oneOf).toEqual([
      { required: ["email"] },
      { required: ["username"] },
    ]);
  });

  test("describes the registration of this very table", async () => {
    const { Registration } = (await auth.get("/openapi.json")).body.components.schemas;
    expect(Registration).toMatchObject({
      required: ["email", "username", "password"],
      additionalProperties: false,
      properties: { username: { maxLength: 30 }, password: { minLength: 8, maxLength: 72 } },
    });
    expect(Registration.properties).not.toHaveProperty("display_name");
  });
});

describe("/healthz and /readyz", () => {
  test("answer ok and ready", async () => {
    expect((await auth.get("/healthz")).body).toEqual({ status: "ok" });
    expect((await auth.get("/readyz")).body).toEqual({ status: "ready" });
  });

  test.each([
    [
      "a table",
      "ALTER TABLE authgraft.sessions RENAME TO gone",
      "ALTER TABLE authgraft.gone RENAME TO sessions",
    ],
    [
      "a column",
      "ALTER TABLE users RENAME password_hash TO gone",
      "ALTER TABLE users RENAME gone TO password_hash",
    ],
    [
      "a column that only logging in writes",
      "ALTER TABLE authgraft.sessions RENAME ended_at TO gone",
      "ALTER TABLE authgraft.sessions RENAME gone TO ended_at",
    ],
    ["the schema", "ALTER SCHEMA authgraft RENAME TO gone", "ALTER SCHEMA gone RENAME TO authgraft"],
  ])("not ready, and alive, while %s of the graft is missing", async (_, takeAway, bringBack) => {
    await database.query(takeAway);
    const answer = await auth.get("/readyz");
    expectProblem(answer, 503, "not_grafted");
    expect((await auth.get("/healthz")).status).toBe(200);
    await database.query(bringBack);
    expect((await auth.get("/readyz")).status).toBe(200);
  });
});

test.each(["display_name", "auth_provider_id", "created_at"])(
  "not ready while the application's own %s has another name, and the log says what to do",
  async (column) => {
    const b = await createTestDatabase({ sample: "b", grafted: {} });
    const served = await openAuth(b);
    expect((await served.get("/readyz")).status).toBe(200);
    await b.query(`ALTER TABLE users RENAME ${column} TO renamed`);
    expectProblem(await served.get("/readyz"), 503, "not_grafted");
    expect(served.logs.join("")).toContain("Check the mapping");
    await b.query(`ALTER TABLE users RENAME renamed TO ${column}`);
    expect((await served.get("/readyz")).status).toBe(200);
  },
);

test("a database that is not grafted is not served: the error names the command to run (A11)", async () => {
  const bare = await createTestDatabase({ sample: "a" });
  const before = await bare.query("SELECT relname FROM pg_class ORDER BY oid");
  await expect(openAuth(bare)).rejects.toMatchObject({
    code: "not_grafted",
    fix: expect.stringContaining("authgraft up"),
  });
  expect((await bare.query("SELECT relname FROM pg_class ORDER BY oid")).rows).toEqual(before.rows);
});

test("too many logins at once are told to come back, and others are not hurt (83)", async () => {
  const crowd = Array.from({ length: 130 }, () =>
    auth.post(LOGIN, { username: "nobody", password: "correct horse" }),
  );
  const meanwhile = await auth.get("/readyz");
  const answers = await Promise.all(crowd);
  expect(meanwhile.status).toBe(200);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
  const refused = answers.find(({ status }) => status === 503);
  expect(refused?.headers.get("retry-after")).toBe("1");
  expectProblem(refused as Answer, 503, "overloaded");
  expect((await auth.post(LOGIN, { username: "nobody", password: "correct horse" })).status).toBe(401);
});
