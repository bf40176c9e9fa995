import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import { type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const OWN = "http://localhost";
const FRIEND = "https://app.example.com";

let database: TestDatabase;
let auth: TestAuth;
let friendly: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  const configuration: ConfigurationInput = {
    cookies: { secure: false, sameSite: "none", domain: "example.com", allowedOrigins: [FRIEND] },
    sessions: { idleSeconds: 600 },
  };
  friendly = await openAuth(database, { configuration });
});
afterAll(() => Promise.all([auth.close(), friendly.close()]));

const cookieOf = (answer: Answer) =>
  answer.headers.getSetCookie().find((cookie) => cookie.startsWith("authgraft_refresh=")) ?? "";
const tokenOf = (answer: Answer) => /^authgraft_refresh=([^;]*)/.exec(cookieOf(answer))?.[1] ?? "";

interface SignedIn extends Person {
  readonly cookie: string;
  readonly answer: Answer;
}

async function signedIn(on = auth): Promise<SignedIn> {
  const person = await registerPerson(on);
  const headers = { origin: OWN };
  const answer = await on.post("/v1/auth/login", { ...person.credentials, refresh: "cookie" }, { headers });
  return { ...person, answer, cookie: `authgraft_refresh=${tokenOf(answer)}` };
}

const post = (path: string, headers: Record<string, string>, on = auth) =>
  on.post(`/v1/auth/${path}`, undefined, { headers });

describe("the refresh token's cookie", () => {
  test("is HttpOnly, Secure, SameSite=Strict and for /v1/auth alone (80), and the body has no refresh token", async () => {
    const { answer } = await signedIn();
    expect(cookieOf(answer)).toMatch(
      /^authgraft_refresh=agr_[\w-]{86}; Max-Age=1209600; Path=\/v1\/auth; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(Object.keys(answer.body).sort()).toEqual(["token", "user"]);
  });

  test("is what the configuration says (80)", async () => {
    const { answer } = await signedIn(friendly);
    expect(cookieOf(answer)).toMatch(
      /; Max-Age=600; Path=\/v1\/auth; Domain=example.com; HttpOnly; SameSite=None$/,
    );
  });

  test("comes with a registration too", async () => {
    const person = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };
    const headers = { origin: OWN };
    const answer = await auth.post("/v1/auth/register", { ...person, refresh: "cookie" }, { headers });
    expect(answer.status).toBe(201);
    expect(tokenOf(answer)).toMatch(/^agr_/);
    expect(answer.body).not.toHaveProperty("refresh_token");
  });

  test("is not set where the refresh token is wanted in the body", async () => {
    const { credentials } = await signedIn();
    for (const wish of [{}, { refresh: "body" }]) {
      const answer = await auth.post("/v1/auth/login", { ...credentials, ...wish });
      expect(cookieOf(answer)).toBe("");
      expect(answer.body.refresh_token).toMatch(/^agr_/);
    }
  });

  test("is refused where another of its name comes along, whichever is first, and nothing changes", async () => {
    const [own, tossed] = [await signedIn(), await signedIn()];
    for (const cookie of [`${tossed.cookie}; ${own.cookie}`, `${own.cookie}; authgraft_refresh=`]) {
      for (const path of ["refresh", "logout"]) {
        const answer = await post(path, { cookie, origin: OWN });
        expect(answer).toMatchObject({ status: 401, body: { code: "invalid_token" } });
      }
      expect(await post("refresh", { cookie })).toMatchObject({ status: 403 });
    }
    for (const { cookie } of [own, tossed]) {
      expect((await post("refresh", { cookie, origin: OWN })).status).toBe(200);
    }
  });

  test("is replaced at each refresh, whose body has no refresh token either", async () => {
    const { cookie } = await signedIn();
    const answer = await post("refresh", { cookie: `theme=dark; ${cookie}; x`, origin: OWN });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(["token", "user"]);
    expect(cookie).not.toContain(tokenOf(answer));
    const again = await post("refresh", { cookie, origin: OWN });
    expect(tokenOf(again)).toBe(tokenOf(answer));
    const next = await post("refresh", { cookie: `authgraft_refresh=${tokenOf(answer)}`, origin: OWN });
    expect(next.status).toBe(200);
  });

  test("gives way to a refresh token in the body", async () => {
    const { cookie, refreshToken } = await signedIn();
    const answer = await auth.post(
      "/v1/auth/refresh",
      { refresh_token: refreshToken },
      { headers: { cookie } },
    );
    expect(answer.status).toBe(200);
    expect(answer.body.refresh_token).toMatch(/^agr_/);
    expect(cookieOf(answer)).toBe("");
  });

  test("is taken away by logging out, which ends its session", async () => {
    const { cookie } = await signedIn();
    const answer = await post("logout", { cookie, origin: OWN });
    expect(answer.status).toBe(204);
    expect(cookieOf(answer)).toBe(
      "authgraft_refresh=; Max-Age=0; Path=/v1/auth; HttpOnly; Secure; SameSite=Strict",
    );
    expect((await post("refresh", { cookie, origin: OWN })).status).toBe(401);
    const again = await post("logout", { cookie: "authgraft_refresh=garbage", origin: OWN });
    expect(again.status).toBe(204);
    expect(cookieOf(again)).toContain("Max-Age=0");
  });

  test("is taken away too by logging out with an access token, here and everywhere", async () => {
    for (const path of ["logout", "logout-all"]) {
      const { cookie, token } = await signedIn();
      const answer = await post(path, { cookie, authorization: `Bearer ${token}` });
      expect(answer.status).toBe(204);
      expect(cookieOf(answer)).toContain("Max-Age=0");
    }
  });

  test("stays where all other sessions are ended", async () => {
    const { cookie, answer } = await signedIn();
    const headers = { cookie };
    const all = await auth.post(
      "/v1/auth/logout-all",
      { keep_current: true },
      { token: answer.body.token, headers },
    );
    expect(cookieOf(all)).toBe("");
    expect((await post("refresh", { cookie, origin: OWN })).status).toBe(200);
  });

  test("is stored by its hash alone (61)", async () => {
    const { answer } = await signedIn();
    const bytes = Buffer.from(tokenOf(answer).slice(4), "base64url");
    const hash = createHash("sha256").update(bytes).digest("hex");
    const { rowCount } = await database.query(
      "SELECT FROM authgraft.sessions WHERE encode(refresh_hash, 'hex') = $1",
      [hash],
    );
    expect(rowCount).toBe(1);
  });
});

const REFUSED = { status: 403, body: { code: "origin_refused" } };

describe("a request with the cookie (79)", () => {
  test.each<[string, Record<string, string>]>([
    ["of another host", { origin: "https://evil.example" }],
    ["of another port of the host", { origin: "http://localhost:3000" }],
    ["of a host that only begins like it", { origin: "http://localhost.evil.example" }],
    ["of a host that only ends like it", { origin: "http://evil-localhost" }],
    ["of an origin that only begins with an allowed one", { origin: `${FRIEND}.evil.example` }],
    ["of no origin, as from a sandbox", { origin: "null" }],
    ["of an origin that is none", { origin: "localhost" }],
    ["of an extension", { origin: "chrome-extension://localhost" }],
    ["of another site, where no origin is named", { "sec-fetch-site": "cross-site" }],
    ["of the same site alone, where no origin is named", { "sec-fetch-site": "same-site" }],
    ["of nobody knows where", {}],
    [
      "of another origin, whatever the other header says",
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ],
  ])("from a page %s is refused, and changes nothing", async (_, headers) => {
    const { cookie, credentials } = await signedIn();
    for (const path of ["refresh", "logout"]) {
      const answer = await post(path, { cookie, ...headers });
      expect(answer).toMatchObject(REFUSED);
      expect(cookieOf(answer)).toBe("");
    }
    const registration = { email: "x@example.com", username: "x-1815", password: "correct horse" };
    for (const [path, body] of [
      ["login", credentials],
      ["register", registration],
    ] as const) {
      const asking = { ...body, refresh: "cookie" };
      expect(await auth.post(`/v1/auth/${path}`, asking, { headers })).toMatchObject(REFUSED);
    }
    expect((await post("refresh", { cookie, origin: OWN })).status).toBe(200);
  });

  test.each<[string, Record<string, string>]>([
    ["its own origin", { origin: OWN }],
    ["its own host behind a proxy that ends TLS", { origin: "https://localhost" }],
    ["its own origin by Sec-Fetch-Site, where none is named", { "sec-fetch-site": "same-origin" }],
  ])("from %s is served", async (_, headers) => {
    const { cookie } = await signedIn();
    expect((await post("refresh", { cookie, ...headers })).status).toBe(200);
    expect((await post("logout", { cookie, ...headers })).status).toBe(204);
  });

  test("from an origin of the configuration is served, where it is configured", async () => {
    const { cookie } = await signedIn();
    expect(await post("refresh", { cookie, origin: FRIEND })).toMatchObject(REFUSED);
    expect((await post("refresh", { cookie, origin: FRIEND }, friendly)).status).toBe(200);
  });
});
