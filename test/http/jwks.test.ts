import { createHmac, createPublicKey } from "node:crypto";
import { compactDecrypt, createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Algorithm } from "../../src/tokens/keys/algorithm.ts";
import { deriveKey } from "../../src/tokens/secret.ts";
import { openAuth, TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { assemble } from "../support/forge.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { graftedDatabase, rotate, startServer } from "../tokens/keys/support.ts";

const PATH = "/.well-known/jwks.json";

/** Every member that a key of a kind may show (RFC 7518, 6; RFC 8037, 2), and no other. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  EC: ["alg", "crv", "kid", "kty", "use", "x", "y"],
  OKP: ["alg", "crv", "kid", "kty", "use", "x"],
  RSA: ["alg", "e", "kid", "kty", "n", "use"],
};

const KINDS = { ES256: "EC", EdDSA: "OKP", RS256: "RSA" } as const;

let database: TestDatabase;
let people = 0;

beforeAll(async () => {
  database = await graftedDatabase();
});
beforeEach(() => database.query("DELETE FROM authgraft.signing_keys"));

const open = (algorithm: Algorithm) => openAuth(database, { configuration: { tokens: { algorithm } } });

async function register(auth: Awaited<ReturnType<typeof open>>): Promise<string> {
  people += 1;
  const username = `ada-${people}`;
  const person = { email: `${username}@example.com`, username, password: "correct horse" };
  return (await auth.post("/v1/auth/register", person)).body.token;
}

/** The values of the private members of every key there is, as only the secret opens them. */
async function privateValues(): Promise<string[]> {
  const { rows } = await database.query<{ private_jwe: string }>(
    "SELECT private_jwe FROM authgraft.signing_keys",
  );
  const sealingKey = deriveKey(TEST_SECRET, "signing keys");
  const jwks = await Promise.all(
    rows.map(async (row) =>
      JSON.parse(Buffer.from((await compactDecrypt(row.private_jwe, sealingKey)).plaintext).toString()),
    ),
  );
  return jwks.flatMap((jwk) => ["d", "p", "q", "dp", "dq", "qi", "k"].flatMap((name) => jwk[name] ?? []));
}

describe.each(["ES256", "EdDSA", "RS256"] as const)(
  "the key set of a server that signs with %s",
  (algorithm) => {
    test("verifies its tokens in another service, by another implementation", async () => {
      const auth = await open(algorithm);
      const token = await register(auth);
      const keySet = createLocalJWKSet((await auth.get(PATH)).body);
      const { payload, protectedHeader } = await jwtVerify(token, keySet, {
        algorithms: [algorithm],
        typ: "at+jwt",
        issuer: "http://localhost:8080",
        audience: "authgraft",
      });
      expect(protectedHeader.alg).toBe(algorithm);
      expect(payload.sub).toBe(decodeJwt(token).sub);
      expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
      await expect(jwtVerify(`${token.slice(0, -8)}AAAAAAAA`, keySet)).rejects.toThrow();
    });

    test("holds no private member, and no value of one (65)", async () => {
      const auth = await open(algorithm);
      const { body, text, status } = await auth.get(PATH);
      expect(status).toBe(200);
      expect(Object.keys(body)).toEqual(["keys"]);
      expect(body.keys).toHaveLength(1);
      const [key] = body.keys;
      expect(key).toMatchObject({ kty: KINDS[algorithm], alg: algorithm, use: "sig" });
      expect(Object.keys(key).toSorted()).toEqual(ALLOWED[key.kty]);
      const secrets = await privateValues();
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(text).not.toContain(secret);
    });
  },
);

describe.each(["ES256", "EdDSA", "RS256"] as const)("what a server that signs with %s shows", (algorithm) => {
  test("is no HMAC secret, and none of its keys is for another algorithm (42)", async () => {
    await startServer(database, { tokens: { algorithm: "HS256" } }).current();
    const auth = await open(algorithm);
    const token = await register(auth);
    const [jwk] = (await auth.get(PATH)).body.keys;
    const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    const secrets = [pem, JSON.stringify(jwk), jwk.x ?? jwk.n, Buffer.from(jwk.x ?? jwk.n, "base64url")];
    for (const secret of secrets) {
      const header = { ...decodeProtectedHeader(token), alg: "HS256" };
      const unsigned = assemble(header, decodeJwt(token)).slice(0, -1);
      const signature = createHmac("sha256", secret).update(unsigned).digest("base64url");
      expect((await auth.get("/v1/users/me", { token: `${unsigned}.${signature}` })).status).toBe(401);
    }
    const { rows } = await database.query("SELECT kid FROM authgraft.signing_keys WHERE algorithm = 'HS256'");
    const [, , signature] = token.split(".");
    const underAnother = assemble(
      { ...decodeProtectedHeader(token), kid: rows[0]?.kid },
      decodeJwt(token),
      signature,
    );
    expect((await auth.get("/v1/users/me", { token: underAnother })).status).toBe(401);
  });
});

test("a server that signs with HS256 has no key set, says why, and verifies its own tokens (65)", async () => {
  const auth = await open("HS256");
  const token = await register(auth);
  expect(decodeProtectedHeader(token).alg).toBe("HS256");
  expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
  const answer = await auth.get(PATH);
  expect(answer).toMatchObject({ status: 404, body: { code: "jwks_unavailable" } });
  expect(answer.body.detail).toContain("no other service can verify them");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  for (const secret of await privateValues()) expect(answer.text).not.toContain(secret);
});

test("a key of HS256 from before the algorithm changed is in no key set (65)", async () => {
  await startServer(database, { tokens: { algorithm: "HS256" } }).current();
  const { body, text } = await (await open("ES256")).get(PATH);
  expect(body.keys.map(({ kty }: { kty: string }) => kty)).toEqual(["EC"]);
  for (const secret of await privateValues()) expect(text).not.toContain(secret);
});

describe("a token", () => {
  test("goes on being verified after the algorithm changed, until keys are rotated out (64)", async () => {
    const before = await open("ES256");
    const token = await register(before);
    const after = await open("EdDSA");
    const fresh = await register(after);
    for (const auth of [before, after]) {
      for (const each of [token, fresh])
        expect((await auth.get("/v1/users/me", { token: each })).status).toBe(200);
    }
    expect(decodeProtectedHeader(fresh).alg).toBe("EdDSA");
    const server = startServer(database, { tokens: { algorithm: "EdDSA" } });
    await rotate(server, { isCompromised: true });
    const later = await open("EdDSA");
    expect((await later.get("/v1/users/me", { token })).status).toBe(401);
    expect((await later.get("/v1/users/me", { token: fresh })).status).toBe(401);
  });
});

describe("whoever keeps the key set", () => {
  test("is told for how long, and may ask whether it has changed", async () => {
    const auth = await open("ES256");
    const first = await auth.get(PATH);
    expect(first.headers.get("cache-control")).toBe("public, max-age=300");
    expect(first.headers.get("content-type")).toContain("application/json");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await auth.get(PATH, { headers: { "if-none-match": known } });
      expect([again.status, again.text]).toEqual([304, ""]);
      expect(again.headers.get("etag")).toBe(etag);
      expect(again.headers.get("cache-control")).toBe("public, max-age=300");
    }
    expect((await auth.get(PATH, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    expect(await auth.send(PATH, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  test("finds a new key in it before it signs, and an old one no more once it has expired", async () => {
    const auth = await open("ES256");
    const before = await auth.get(PATH);
    const [{ kid: old }] = before.body.keys;
    const kids = async (from: typeof auth) =>
      (await from.get(PATH)).body.keys.map(({ kid }: { kid: string }) => kid);
    const { kid: next } = await rotate(startServer(database));
    const other = await open("ES256");
    expect(await kids(other)).toEqual([next, old]);
    expect(decodeProtectedHeader(await register(other)).kid).toBe(old);
    const unchanged = await other.get(PATH, {
      headers: { "if-none-match": before.headers.get("etag") ?? "" },
    });
    expect(unchanged.status).toBe(200);
    const { kid } = await rotate(startServer(database), { isCompromised: true });
    expect(await kids(await open("ES256"))).toEqual([kid]);
    // The one that has run all along has heard of it.
    await eventually(() => kids(auth)).toEqual([kid]);
  });
});
