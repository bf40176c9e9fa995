import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { decodeJwt, decodeProtectedHeader, exportJWK, exportSPKI, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KeyPair } from "../../src/tokens/sealed-key.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { assemble, type Changes, resign, signingKeyOf } from "../support/forge.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const MINUTE = 60;
let database: TestDatabase;
let auth: TestAuth;
let token: string;
let other: string;
let key: KeyPair;
let clock = Date.now();

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { now: () => clock });
  const register = async (username: string) =>
    (
      await auth.post("/v1/auth/register", {
        email: `${username}@example.com`,
        username,
        password: "correct horse",
      })
    ).body.token;
  token = await register("ada-1815");
  other = await register("grace-1906");
  key = await signingKeyOf(database);
});
afterAll(() => auth.close());

const statusOf = async (presented: string) => (await auth.get("/v1/users/me", { token: presented })).status;
const seconds = () => Math.floor(clock / 1000);

test("a token signed anew without a change is the same token, so that what follows fails for its change alone", async () => {
  expect(await statusOf(await resign(token, key.privateKey, {}))).toBe(200);
});

describe("a token is refused", () => {
  test.each<[string, Changes]>([
    ["of another issuer (47)", { claims: { iss: "https://elsewhere.example" } }],
    ["without an issuer", { claims: { iss: undefined } }],
    ["for another audience (47)", { claims: { aud: "another-api" } }],
    ["of another client", { claims: { client_id: "someone-else" } }],
    ["without a client", { claims: { client_id: undefined } }],
    ["without jti (51)", { claims: { jti: undefined } }],
    ["whose jti is a number", { claims: { jti: 7 } }],
    ["without exp (45)", { claims: { exp: undefined } }],
    ["whose exp is a text", { claims: { exp: "9999999999" } }],
    ["whose nbf is in the future (45)", { claims: { nbf: seconds() + 10 * MINUTE } }],
    ["issued in the future", { claims: { iat: seconds() + 10 * MINUTE } }],
    ["without sub", { claims: { sub: undefined } }],
    ["whose sub is a number", { claims: { sub: 1 } }],
    ["whose sub is no id of this table", { claims: { sub: "ada" } }],
    ["whose sub is out of the key's range", { claims: { sub: "99999999999999999999" } }],
    ["whose sub is SQL", { claims: { sub: "1' OR true --" } }],
    ["without a session", { claims: { sid: undefined } }],
    ["of a session there is none of", { claims: { sid: "00000000-0000-4000-8000-000000000000" } }],
    ["whose session is no uuid", { claims: { sid: "x" } }],
    ["without a generation", { claims: { gen: undefined } }],
    ["of another generation", { claims: { gen: 1 } }],
    ["whose generation is absurd", { claims: { gen: 1e300 } }],
    ["of type JWT (46)", { header: { typ: "JWT" } }],
    ["without a type", { header: { typ: undefined } }],
    ["with an unknown crit (50)", { header: { crit: ["urn:example:must"], "urn:example:must": true } }],
    ["without kid", { header: { kid: undefined } }],
    ["whose kid is a path (44)", { header: { kid: "../../../../dev/null" } }],
    ["whose kid is SQL (44)", { header: { kid: "x' UNION SELECT 'y" } }],
    ["whose kid is a list (44)", { header: { kid: ["a"] } }],
    ["whose kid is very long (44)", { header: { kid: "k".repeat(3000) } }],
    ["whose kid is unknown", { header: { kid: "A".repeat(43) } }],
  ])("%s", async (_, changes) => {
    expect(await statusOf(await resign(token, key.privateKey, changes))).toBe(401);
  });

  test("with the session of another user", async () => {
    expect(
      await statusOf(await resign(token, key.privateKey, { claims: { sid: decodeJwt(other).sid } })),
    ).toBe(401);
  });

  test("with another user's sub", async () => {
    expect(
      await statusOf(await resign(token, key.privateKey, { claims: { sub: decodeJwt(other).sub } })),
    ).toBe(401);
  });

  test("without a signature, by none in any case (41)", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      const header = { ...decodeProtectedHeader(token), alg };
      expect(await statusOf(assemble(header, decodeJwt(token)))).toBe(401);
      expect(await statusOf(assemble(header, decodeJwt(token), token.split(".")[2]))).toBe(401);
    }
  });

  test("by an algorithm of the right name in the wrong case (41)", async () => {
    const header = { ...decodeProtectedHeader(token), alg: "es256" };
    expect(await statusOf(assemble(header, decodeJwt(token), token.split(".")[2]))).toBe(401);
  });

  test("signed with the public key as an HMAC secret (42)", async () => {
    const jwk = JSON.stringify(await exportJWK(key.publicKey));
    const secrets = [await exportSPKI(key.publicKey), jwk, Buffer.from(jwk).toString("base64url")];
    for (const secret of secrets) {
      const unsigned = assemble({ ...decodeProtectedHeader(token), alg: "HS256" }, decodeJwt(token)).slice(
        0,
        -1,
      );
      const signature = createHmac("sha256", secret).update(unsigned).digest("base64url");
      expect(await statusOf(`${unsigned}.${signature}`)).toBe(401);
    }
  });

  test("signed with another key, whether it brings that key along or not (43)", async () => {
    const stranger = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(stranger.publicKey);
    for (const header of [
      {},
      { jwk },
      { jku: "https://evil.example/jwks" },
      { x5u: "https://evil.example/x" },
      { x5c: ["MIIB"] },
    ]) {
      expect(await statusOf(await resign(token, stranger.privateKey, { header }))).toBe(401);
    }
  });

  test("signed with another algorithm by a key of its own", async () => {
    for (const alg of ["ES384", "RS256", "EdDSA"]) {
      const { privateKey } = await generateKeyPair(alg);
      expect(await statusOf(await resign(token, privateKey, { header: { alg } }))).toBe(401);
    }
  });

  test("in any form but the compact one (49)", async () => {
    const [protectedHeader, payload, signature] = token.split(".");
    const forms = [
      JSON.stringify({ protected: protectedHeader, payload, signature }),
      JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] }),
      `${protectedHeader}..${signature}`,
      `${token}.`,
      `.${token}`,
      `${token}.${signature}`,
      `${token}=`,
      `${payload}`,
    ];
    for (const form of forms) expect(await statusOf(form)).toBe(401);
  });

  test("by a key that somebody put into the table without the secret", async () => {
    const stranger = await generateKeyPair("ES256", { extractable: true });
    const kid = randomBytes(32).toString("base64url");
    await database.query(
      "INSERT INTO authgraft.signing_keys (kid, algorithm, public_jwk, private_jwe, created_at) VALUES ($1, 'ES256', $2, 'x', '2000-01-01')",
      [kid, JSON.stringify(await exportJWK(stranger.publicKey))],
    );
    expect(await statusOf(await resign(token, stranger.privateKey, { header: { kid } }))).toBe(401);
  });

  test("and so is every header that holds no Bearer token", async () => {
    const headers = [
      token,
      `Basic ${token}`,
      "Bearer",
      "Bearer ",
      `Bearer ${token} ${token}`,
      `Bearer ${token}, Bearer ${token}`,
    ];
    for (const authorization of headers) {
      const answer = await auth.get("/v1/users/me", { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, body: { code: "invalid_token" } });
    }
    expect((await auth.get(`/v1/users/me?access_token=${token}`)).status).toBe(401);
  });
});

test("the scheme is read without regard to case (RFC 9110, 11.1)", async () => {
  expect((await auth.get("/v1/users/me", { headers: { authorization: `bearer ${token}` } })).status).toBe(
    200,
  );
});

test("jku, jwk and x5u in a token of ours are passed over, not followed (43)", async () => {
  const header = {
    jku: "https://evil.example/jwks",
    x5u: "https://evil.example/x",
    jwk: { kty: "oct", k: "AAAA" },
  };
  expect(await statusOf(await resign(token, key.privateKey, { header }))).toBe(200);
});

test("a refusal says invalid_token and nothing more; without a token there is no error to name (RFC 6750)", async () => {
  const refused = await auth.get("/v1/users/me", { token: `${token}x` });
  expect(refused.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  expect(refused.body).toEqual({
    type: "urn:authgraft:problem:invalid_token",
    title: "Unauthorized",
    status: 401,
    code: "invalid_token",
  });
  expect((await auth.get("/v1/users/me")).headers.get("www-authenticate")).toBe("Bearer");
});

test("an expired token is refused 5 seconds after its time, the skew between two servers' clocks", async () => {
  const start = clock;
  const expires = Number(decodeJwt(token).exp) * 1000;
  try {
    clock = expires + 4_000;
    expect(await statusOf(token)).toBe(200);
    clock = expires + 5_000;
    expect(await statusOf(token)).toBe(401);
    clock = start - 10 * MINUTE * 1000;
    expect(await statusOf(token)).toBe(401);
  } finally {
    clock = start;
  }
});

test("every token is of 15 minutes, of its own, and says what RFC 9068 asks for", () => {
  const [one, two] = [decodeJwt(token), decodeJwt(other)];
  expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", typ: "at+jwt", kid: key.kid });
  expect(Object.keys(one).sort()).toEqual([
    "aud",
    "client_id",
    "exp",
    "gen",
    "iat",
    "iss",
    "jti",
    "sid",
    "sub",
  ]);
  expect(Number(one.exp) - Number(one.iat)).toBe(15 * MINUTE);
  expect(Buffer.from(String(one.jti), "base64url").length * 8).toBeGreaterThanOrEqual(128);
  expect(one.jti).not.toBe(two.jti);
  expect(one.sub).toMatch(/^\d+$/);
});

test("a token with any piece changed is refused, and none brings the server down (40)", async () => {
  const pieces = fc.tuple(
    fc.nat(token.length - 1),
    fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(..."AQgw019-_.=~{") }),
  );
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async ([at, piece], replace) => {
      const mutated = token.slice(0, at) + piece + token.slice(replace ? at + piece.length : at);
      const status = await statusOf(mutated);
      expect(status).toBe(mutated === token ? 200 : 401);
    }),
    { numRuns: 300 },
  );
});
