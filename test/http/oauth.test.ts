import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { resign, signingKeyOf } from "../support/forge.ts";
import { loginAgain, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const SECRET = "a secret: of +words% and é";
const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex");

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  const services = [
    { id: "orders", secretSha256: hashOf(SECRET) },
    { id: "orders", secretSha256: hashOf("the next one") },
    { id: "billing", secretSha256: hashOf("another") },
  ];
  auth = await openAuth(database, { configuration: { services } });
});
afterAll(() => auth.close());

const signedIn = () => registerPerson(auth);
const statusOf = async (token: string) => (await auth.get("/v1/users/me", { token })).status;

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
const SERVICE = { authorization: basic("orders", SECRET) };

const form = (path: string, fields: Record<string, string> | string, headers: Record<string, string> = {}) =>
  auth.send(path, { method: "POST", body: new URLSearchParams(fields), headers });
const revoke = (token: string, hint?: string) =>
  form("/oauth/revoke", { token, ...(hint === undefined ? {} : { token_type_hint: hint }) });
const introspect = (token: string, headers: Record<string, string> = SERVICE) =>
  form("/oauth/introspect", { token }, headers);

const INACTIVE = { active: false };

/** Tokens that are none, or none any more. */
async function uselessTokens(): Promise<string[]> {
  const { token, refreshToken } = await signedIn();
  const { privateKey } = await signingKeyOf(database);
  const sign = (claims: object) => resign(token, privateKey, { claims: { ...claims } });
  return [
    "x",
    "a.b.c",
    `${token}x`,
    `${refreshToken}x`,
    "agr_",
    "\0",
    "é",
    "x".repeat(10_000),
    await sign({ exp: 1_000_000_000 }),
    await sign({ sub: "no id of this table" }),
    await sign({ sub: "99999999999999999999" }),
    await sign({ aud: "another" }),
  ];
}

describe("POST /oauth/revoke (RFC 7009)", () => {
  test("revokes an access token alone: its session and the user's other tokens go on (52)", async () => {
    const person = await signedIn();
    const other = await loginAgain(auth, person);
    expect(await revoke(person.token)).toMatchObject({ status: 200, text: "" });
    expect(await statusOf(person.token)).toBe(401);
    expect(await statusOf(other.token)).toBe(200);
    const next = await auth.post("/v1/auth/refresh", { refresh_token: person.refreshToken });
    expect(next.status).toBe(200);
    expect(await statusOf(next.body.token)).toBe(200);
  });

  test("with a refresh token ends its session, and no other", async () => {
    const person = await signedIn();
    const other = await loginAgain(auth, person);
    expect(await revoke(person.refreshToken)).toMatchObject({ status: 200, text: "" });
    expect(await statusOf(person.token)).toBe(401);
    expect((await auth.post("/v1/auth/refresh", { refresh_token: person.refreshToken })).status).toBe(401);
    expect(await statusOf(other.token)).toBe(200);
  });

  test("answers 200 again, twenty times at once, and to anything that is no token (54)", async () => {
    const { token, refreshToken, id } = await signedIn();
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, n) => revoke(n % 2 === 0 ? token : refreshToken)),
    );
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await database.query("SELECT FROM revoked_tokens WHERE user_id = $1", [id])).rowCount).toBe(1);
    for (const useless of await uselessTokens()) expect((await revoke(useless)).status).toBe(200);
  });

  test.each(["access_token", "refresh_token", "something_else", ""])(
    "passes over the hint %j",
    async (hint) => {
      const { token, refreshToken } = await signedIn();
      expect((await revoke(token, hint)).status).toBe(200);
      expect(await statusOf(token)).toBe(401);
      expect((await revoke(refreshToken, hint)).status).toBe(200);
      expect((await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(401);
    },
  );

  test("is seen by the other servers, whose set the same transaction wakes", async () => {
    const listener = await database.client();
    let heard = 0;
    listener.on("notification", () => {
      heard += 1;
    });
    await listener.query("LISTEN authgraft_authgraft");
    const { token, refreshToken } = await signedIn();
    await revoke(token);
    await eventually(() => heard).toBe(1);
    await revoke(refreshToken);
    await eventually(() => heard).toBe(2);
  });

  test("says 503 where the database cannot be written, and has revoked nothing", async () => {
    const { token, refreshToken } = await signedIn();
    await database.query(
      "ALTER TABLE revoked_tokens RENAME TO gone; ALTER TABLE authgraft.sessions RENAME TO gone",
    );
    for (const one of [token, refreshToken]) expect((await revoke(one)).status).toBe(503);
    await database.query(
      "ALTER TABLE gone RENAME TO revoked_tokens; ALTER TABLE authgraft.gone RENAME TO sessions",
    );
    expect(await statusOf(token)).toBe(200);
  });
});

describe("POST /oauth/introspect (RFC 7662)", () => {
  test("says what a valid access token says (55)", async () => {
    const { token, id, sessionId } = await signedIn();
    const claims = decodeJwt(token);
    const answer = await introspect(token);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toEqual({
      ...{ active: true, token_type: "Bearer", sub: id, sid: sessionId, gen: 0 },
      ...{ client_id: "authgraft", iss: "http://localhost:8080", aud: "authgraft" },
      ...{ exp: claims.exp, iat: claims.iat, jti: claims.jti },
    });
  });

  test("says of anything else exactly that it is not active (55)", async () => {
    const { token, refreshToken } = await signedIn();
    const ended = await signedIn();
    await auth.post("/v1/auth/logout", undefined, { token: ended.token });
    const gone = await signedIn();
    await database.query("DELETE FROM users WHERE id = $1", [gone.id]);
    await revoke(token);
    const inactive = [token, refreshToken, ended.token, gone.token, ...(await uselessTokens())];
    for (const one of inactive) {
      const answer = await introspect(one);
      expect([answer.status, answer.body]).toEqual([200, INACTIVE]);
    }
  });

  test("knows at once what was changed behind the server's back", async () => {
    const { token, id } = await signedIn();
    expect((await introspect(token)).body.active).toBe(true);
    await database.query("INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", [id]);
    expect((await introspect(token)).body).toEqual(INACTIVE);
  });

  test.each<[string, Record<string, string>]>([
    ["nobody", {}],
    ["an unknown service", { authorization: basic("nobody", SECRET) }],
    ["a service with another's secret", { authorization: basic("billing", SECRET) }],
    ["a service with the hash for a secret", { authorization: basic("orders", hashOf(SECRET)) }],
    ["a service without a secret", { authorization: basic("orders", "") }],
    ["text without a colon", { authorization: `Basic ${Buffer.from("orders").toString("base64")}` }],
    ["what is not base64", { authorization: "Basic %%%" }],
    ["an empty name and secret", { authorization: "Basic Og==" }],
    ["a broken escape", { authorization: basic("orders", "%zz") }],
    ["another scheme", { authorization: `Digest ${basic("orders", SECRET).slice(6)}` }],
  ])("is refused to %s, with a challenge (55)", async (_, headers) => {
    const { token } = await signedIn();
    const answer = await introspect(token, headers);
    expect(answer).toMatchObject({ status: 401, body: { code: "invalid_client", error: "invalid_client" } });
    expect(answer.headers.get("www-authenticate")).toMatch(/^Basic realm="/);
    expect(answer.text).not.toContain("sub");
  });

  test("is refused to a user's own token", async () => {
    const { token } = await signedIn();
    expect((await introspect(token, { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  test.each([
    ["as they are", basic("orders", SECRET)],
    ["form-encoded (RFC 6749, 2.3.1)", basic("orders", encodeURIComponent(SECRET).replaceAll("%20", "+"))],
    ["with the other of two secrets", basic("orders", "the next one")],
    ["of another service", basic("billing", "another")],
    ["by a scheme in another case", basic("orders", SECRET).replace("Basic", "bAsIc")],
  ])("takes id and secret %s", async (_, authorization) => {
    const { token } = await signedIn();
    expect((await introspect(token, { authorization })).body.active).toBe(true);
  });

  test("says 503 when the database cannot say, never that a token is active or not (57)", async () => {
    const { token } = await signedIn();
    await database.query("ALTER TABLE revoked_tokens RENAME TO gone");
    const answer = await introspect(token);
    await database.query("ALTER TABLE gone RENAME TO revoked_tokens");
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain("active");
  });

  test("is not there without services", async () => {
    const plain = await openAuth(database);
    const answer = await plain.send("/oauth/introspect", {
      method: "POST",
      headers: SERVICE,
      body: new URLSearchParams({ token: "x" }),
    });
    expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("a malformed form is refused as a problem, as RFC 6749 has it", () => {
  test.each(["/oauth/revoke", "/oauth/introspect"])("by %s", async (path) => {
    for (const fields of ["", "token=", "tok=x", "token=x&token=y", "token=x&token=x"]) {
      const answer = await form(path, fields, SERVICE);
      expect(answer).toMatchObject({ status: 400, body: { code: "body_invalid", error: "invalid_request" } });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
    const json = { ...SERVICE, "content-type": "application/json" };
    expect((await auth.send(path, { method: "POST", headers: json, body: '{"token":"x"}' })).status).toBe(
      415,
    );
    expect((await form(path, { token: "x".repeat(17_000) }, SERVICE)).status).toBe(413);
    expect((await form(`${path}?token=x`, "", SERVICE)).status).toBe(400);
    expect((await form(path, "token=%ff%00%zz", SERVICE)).status).toBe(200);
  });
});
