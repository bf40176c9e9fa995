import { hash, randomUUID } from "node:crypto";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { settlePosition } from "../../src/tokens/revocations/snapshot-position.ts";
import { openAuth, TEST_SECRET, type TestAuth } from "../support/auth.ts";
import { revokeByHand } from "../support/feed.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { basic, SERVICES, SHOP, STAFF, type TestService } from "../support/service.ts";

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration: { services: SERVICES } });
});
afterAll(() => auth.close());

const get = (query: Record<string, string>, service: TestService = SHOP, from: TestAuth = auth) =>
  from.get(`/v1/revocations?${new URLSearchParams(query)}`, { headers: basic(service) });

const claimsOf = async (query: Record<string, string>, from: TestAuth = auth): Promise<JWTPayload> => {
  const { status, text } = await get({ nonce: "n", ...query }, SHOP, from);
  expect(status).toBe(200);
  return decodeJwt(text);
};

/** All parts that follow an answer, the answer among them. */
async function walk(query: Record<string, string>): Promise<JWTPayload[]> {
  const parts = [await claimsOf(query)];
  for (let next = parts[0]?.next; typeof next === "string"; next = parts.at(-1)?.next)
    parts.push(await claimsOf({ ...query, cursor: next }));
  return parts;
}

const entriesOf = (parts: readonly JWTPayload[]) =>
  parts.reduce((sum, { revoked }) => sum + Buffer.from(String(revoked), "base64url").length / 20, 0);

/** Whether a revoked token is among what was told. */
function tells(parts: readonly JWTPayload[], jti: string): boolean {
  const key = hash("sha256", `jti ${jti}`, "buffer").subarray(0, 12);
  return parts.some(({ revoked }) => Buffer.from(String(revoked), "base64url").includes(key));
}

describe("GET /v1/revocations", () => {
  test("is signed by a key of the key set, for the service and the question alone", async () => {
    const { text, headers } = await get({ nonce: "a question" });
    expect(headers.get("content-type")).toBe("application/jwt");
    expect(headers.get("cache-control")).toBe("no-store");
    const server = await serve({
      databaseUrl: database.url,
      secret: TEST_SECRET,
      configuration: parseConfiguration({ port: 0, services: SERVICES }),
      logger: { info() {}, warn() {}, error() {} },
    });
    const keys = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(text, keys, {
      ...{ typ: "revocations+jwt", issuer: "http://localhost:8080", audience: SHOP.id },
      requiredClaims: ["iat"],
    });
    await server.close();
    const { kid } = decodeProtectedHeader(text);
    expect(payload).toMatchObject({
      nonce: "a question",
      complete: true,
      next: null,
      age_ms: 0,
      keys: [kid],
    });
    expect(payload).toMatchObject({ confirm: false, vouched_from: expect.any(Number) });
    expect(decodeJwt((await get({ nonce: "x" }, STAFF)).text).aud).toBe(STAFF.id);
  });

  test("is for configured services alone, and wants a nonce", async () => {
    for (const headers of [{}, basic({ ...SHOP, secret: "x" }), basic({ ...STAFF, id: "nobody" })])
      expect(await auth.get("/v1/revocations?nonce=n", { headers })).toMatchObject({ status: 401 });
    for (const query of [{}, { nonce: "" }, { nonce: "n".repeat(65) }, { nonce: "n", cursor: "1" }])
      expect(await get(query)).toMatchObject({ status: 422 });
    const alone = await openAuth(database);
    expect((await get({ nonce: "n" }, SHOP, alone)).status).toBe(404);
  });

  test("tells what is new since a position, and everything where the position is none", async () => {
    const { position } = await claimsOf({});
    await revokeByHand(database, [randomUUID(), randomUUID()]);
    const since = await claimsOf({ after: String(position) });
    expect(since.complete).toBe(false);
    expect(entriesOf([since])).toBeGreaterThanOrEqual(2);
    for (const after of ["x", "1:1:", String(position).replace(/^\d/, "9"), `${position}\0`])
      expect((await claimsOf({ after })).complete).toBe(true);
  });

  test("tells what is some seconds old once, and what is newer again", async () => {
    const jti = randomUUID();
    await revokeByHand(database, [jti]);
    const again = await claimsOf({ after: String((await claimsOf({})).position) });
    expect(tells([again], jti)).toBe(true);
    await database.query("UPDATE authgraft.revocations SET created_at = created_at - interval '11 seconds'");
    const once = await claimsOf({ after: String((await claimsOf({})).position) });
    expect(entriesOf([once])).toBe(0);
  });

  test("tells in parts what is much, and the parts leave nothing out", async () => {
    const before = entriesOf(await walk({}));
    const { position } = await claimsOf({});
    await revokeByHand(
      database,
      Array.from({ length: 25_000 }, () => randomUUID()),
    );
    const parts = await walk({});
    expect(parts.length).toBe(3);
    expect(entriesOf(parts)).toBe(before + 25_000);
    expect(entriesOf(await walk({ after: String(position) }))).toBeGreaterThanOrEqual(25_000);
  });

  test("misses nothing that commits late, whichever position it is asked from", async () => {
    const late = await database.client();
    await late.query("BEGIN");
    const jti = randomUUID();
    await revokeByHand(late, [jti]);
    const { position } = await claimsOf({});
    await revokeByHand(database, [randomUUID()]);
    const between = await claimsOf({ after: String(position) });
    expect(tells([between], jti)).toBe(false);
    await late.query("COMMIT");
    for (const after of [position, between.position])
      expect(tells(await walk({ after: String(after) }), jti)).toBe(true);
  });

  test("says that HS256 serves no other service", async () => {
    const configuration = { services: SERVICES, tokens: { algorithm: "HS256" } } as const;
    const shared = await openAuth(database, { configuration });
    const headers = basic(SHOP);
    for (const path of ["/v1/revocations?nonce=n", "/v1/revocations/stream"])
      expect(await shared.get(path, { headers })).toMatchObject({
        ...{ status: 404, body: { code: "jwks_unavailable" } },
      });
  });

  test("answers 503 where the database does not, and never an empty list", async () => {
    const other = await createTestDatabase({ sample: "a", grafted: {} });
    const server = await openAuth(other, { configuration: { services: SERVICES } });
    await other.query("ALTER TABLE authgraft.revocations RENAME TO gone");
    expect((await get({ nonce: "n" }, SHOP, server)).status).toBe(503);
  });

  test("says of a table that marks its users as deleted that tokens have to be confirmed", async () => {
    const other = await createTestDatabase({ sample: "a" });
    await other.query("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    await graft(other);
    const server = await openAuth(other, { configuration: { services: SERVICES } });
    expect(await claimsOf({}, server)).toMatchObject({ confirm: true });
  });
});

describe("a position that is handed out", () => {
  const settle = (snapshot: string, settled: string | null) =>
    settlePosition({ identity: "1.00000001.2.3", snapshot }, settled).replace(/.*[/]/, "");

  test("is behind no transaction that a crash could give out again", () => {
    expect(settle("90:100:90,95", "80")).toBe("81:81:");
    expect(settle("90:100:90,95", "93")).toBe("90:94:90");
    expect(settle("90:100:90,95", "99")).toBe("90:100:90,95");
    expect(settle("100:100:", "150")).toBe("100:100:");
    expect(settle("100:100:", null)).toBe("1:1:");
  });

  test("fits into a URL, however many transactions are under way", () => {
    const ids = Array.from({ length: 4_000 }, (_, index) => 1_000_000 + index);
    expect(settle(`1000000:2000000:${ids.join()}`, "1999999")).toBe("1000000:1000000:");
  });
});
