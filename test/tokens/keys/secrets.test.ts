import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listKeys } from "../../../src/tokens/keys/list-keys.ts";
import { TEST_SECRET } from "../../support/auth.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedDatabase, rotate, startServer } from "./support.ts";

const NEW_SECRET = "Zp7-another-secret-of-the-tests-Q2w9-Rt6y-Uk1i";
const MISMATCH = { code: "secret_mismatch", fix: expect.stringContaining("AUTHGRAFT_SECRET_PREVIOUS") };

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedDatabase();
});
beforeEach(() => database.query("DELETE FROM authgraft.signing_keys"));

const oldOnly = () => startServer(database, { secrets: [TEST_SECRET] });
const both = () => startServer(database, { secrets: [NEW_SECRET, TEST_SECRET] });
const newOnly = () => startServer(database, { secrets: [NEW_SECRET] });

async function count(): Promise<number | null> {
  return (await database.query("SELECT FROM authgraft.signing_keys")).rowCount;
}

describe("a secret that is changed", () => {
  test("signs on with the old keys while both are there, and seals the next one under the new", async () => {
    const { kid: old } = await oldOnly().current();
    const server = both();
    expect(await server.current()).toMatchObject({ kid: old });
    const { kid } = await rotate(server, { leadSeconds: 0 });
    const after = newOnly();
    expect(await after.current()).toMatchObject({ kid });
    expect((await listKeys(after.store)).map(({ state }) => state)).toEqual(["current", "unreadable"]);
    expect(await after.find(old)).toBeNull();
    expect(await both().find(old)).toMatchObject({ kid: old });
    expect(await count()).toBe(2);
  });

  test("leaves a server with the old one alone what it can open, but nothing to sign with", async () => {
    const server = oldOnly();
    const { kid: old } = await server.current();
    await rotate(both(), { leadSeconds: 0 });
    await server.reload();
    expect(await server.find(old)).toMatchObject({ kid: old });
    await expect(server.current()).rejects.toMatchObject(MISMATCH);
    expect(await count()).toBe(2);
  });
});

describe("a server whose secrets open no key that signs", () => {
  test("says so, and makes none of its own, of whatever algorithm", async () => {
    await oldOnly().current();
    await expect(newOnly().current()).rejects.toMatchObject(MISMATCH);
    const other = startServer(database, { secrets: [NEW_SECRET], tokens: { algorithm: "EdDSA" } });
    await expect(other.current()).rejects.toMatchObject(MISMATCH);
    expect(await count()).toBe(1);
  });

  test("rotates only where the keys that it cannot open are not to be used any more", async () => {
    const { kid: old } = await oldOnly().current();
    await expect(rotate(newOnly())).rejects.toMatchObject(MISMATCH);
    expect(await count()).toBe(1);
    const { kid } = await rotate(newOnly(), { isCompromised: true });
    expect(await newOnly().current()).toMatchObject({ kid });
    expect(await oldOnly().find(old)).toBeNull();
  });

  test("makes its own where those of the other secret have expired", async () => {
    await oldOnly().current();
    await database.query("UPDATE authgraft.signing_keys SET retired_at = now(), expires_at = now()");
    expect(await newOnly().current()).toHaveProperty("kid");
  });
});
