import { decodeProtectedHeader } from "jose";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { keyStore } from "../../src/tokens/stored-keys.ts";
import { openAuth, TEST_SECRET } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const ANOTHER_SECRET = "Zp7-another-secret-of-the-tests-Q2w9-Rt6y-Uk1i";
const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };

async function grafted(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  return database;
}

interface Settings {
  readonly pool?: Pool;
  readonly now?: () => number;
}

function keysOf(database: TestDatabase, { pool = database.pool(), now = Date.now }: Settings = {}) {
  return createSigningKeys(keyStore(pool, parseConfiguration({}), [TEST_SECRET]), now);
}

describe("the first signing key", () => {
  test("is made once by eight servers that start at the same moment, and all sign with it", async () => {
    const database = await grafted();
    const keys = await Promise.all(Array.from({ length: 8 }, () => keysOf(database).current()));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    const { rows } = await database.query("SELECT kid, algorithm, retired_at FROM authgraft.signing_keys");
    expect(rows).toEqual([{ kid: keys[0]?.kid, algorithm: "ES256", retired_at: null }]);
  });

  test("holds no private part in the clear (65)", async () => {
    const database = await grafted();
    await keysOf(database).current();
    const { rows } = await database.query<{ public_jwk: object; private_jwe: string }>(
      "SELECT public_jwk, private_jwe FROM authgraft.signing_keys",
    );
    expect(Object.keys(rows[0]?.public_jwk ?? {}).sort()).toEqual(["crv", "kty", "x", "y"]);
    expect(rows[0]?.private_jwe.split(".")).toHaveLength(5);
    expect(decodeProtectedHeader(rows[0]?.private_jwe ?? "")).toMatchObject({ alg: "dir", enc: "A256GCM" });
  });

  test("waits while another server makes it, and finds it then", async () => {
    const database = await grafted();
    const client = await database.client();
    await client.query(
      "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('authgraft signing keys in authgraft', 0))",
    );
    const waiting = keysOf(database).current();
    expect(
      await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 200, "still waiting"))]),
    ).toBe("still waiting");
    await client.query("COMMIT");
    expect(await waiting).toHaveProperty("kid");
  });
});

describe("a server with another secret", () => {
  test("says so at its start and makes no key", async () => {
    const database = await grafted();
    await openAuth(database);
    await expect(openAuth(database, { secret: ANOTHER_SECRET })).rejects.toMatchObject({
      code: "secret_mismatch",
      fix: expect.stringContaining("keys rotate"),
    });
    expect((await database.query("SELECT FROM authgraft.signing_keys")).rowCount).toBe(1);
  });

  test("starts once the old keys are retired", async () => {
    const database = await grafted();
    await openAuth(database);
    await database.query("UPDATE authgraft.signing_keys SET retired_at = now()");
    await openAuth(database, { secret: ANOTHER_SECRET });
    expect((await database.query("SELECT FROM authgraft.signing_keys")).rowCount).toBe(2);
  });
});

describe("a key from another server", () => {
  test("is found by a server that has never seen it", async () => {
    const database = await grafted();
    const first = await openAuth(database);
    const second = await openAuth(database);
    await database.query("UPDATE authgraft.signing_keys SET retired_at = now() - interval '1 day'");
    const third = await openAuth(database);
    const { token } = (await third.post("/v1/auth/register", ADA)).body;
    expect((await second.get("/v1/users/me", { token })).status).toBe(200);
    expect((await first.get("/v1/users/me", { token })).status).toBe(200);
  });

  test("goes on verifying for as long as its tokens may live after it was retired (64)", async () => {
    const database = await grafted();
    const { token } = (await (await openAuth(database)).post("/v1/auth/register", ADA)).body;
    const statusAfter = async (age: string) => {
      await database.query(
        `UPDATE authgraft.signing_keys SET retired_at = now() - interval '${age}' WHERE kid = $1`,
        [decodeProtectedHeader(token).kid],
      );
      return (await (await openAuth(database)).get("/v1/users/me", { token })).status;
    };
    expect(await statusAfter("15 minutes")).toBe(200);
    expect(await statusAfter("17 minutes")).toBe(401);
  });

  test("takes over signing within a minute", async () => {
    const database = await grafted();
    let clock = Date.now();
    const keys = keysOf(database, { now: () => clock });
    const old = await keys.current();
    await database.query("UPDATE authgraft.signing_keys SET retired_at = now()");
    const fresh = await keysOf(database).current();
    expect(fresh.kid).not.toBe(old.kid);
    expect((await keys.current()).kid).toBe(old.kid);
    clock += 60_000;
    expect((await keys.current()).kid).toBe(fresh.kid);
    expect((await keys.find(old.kid))?.kid).toBe(old.kid);
  });
});

describe("made-up key ids", () => {
  test("cost one look-up for all who ask together, and those of another shape none", async () => {
    const database = await grafted();
    let queries = 0;
    const pool = watchPool(database.pool(), {
      onQuery: () => {
        queries += 1;
      },
    });
    const keys = keysOf(database, { pool });
    const { kid } = await keys.current();
    queries = 0;
    const hostile = Array.from({ length: 50 }, (_, n) => keys.find(String(n).padStart(43, "A")));
    const shapeless = ["", "x", "../../etc/passwd", "é".repeat(43), "A".repeat(44)].map((text) =>
      keys.find(text),
    );
    expect(await Promise.all([...hostile, ...shapeless])).toEqual(Array(55).fill(null));
    expect((await keys.find(kid))?.kid).toBe(kid);
    expect(queries).toBe(1);
  });

  test("cannot hide a key that was made a moment ago", async () => {
    const database = await grafted();
    const keys = keysOf(database);
    await keys.current();
    const hostile = keys.find("A".repeat(43));
    await database.query("UPDATE authgraft.signing_keys SET retired_at = now()");
    const fresh = await keysOf(database).current();
    expect((await keys.find(fresh.kid))?.kid).toBe(fresh.kid);
    expect(await hostile).toBeNull();
  });
});
