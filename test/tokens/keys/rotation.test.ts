import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { notificationChannel } from "../../../src/postgres/channel.ts";
import { listKeys } from "../../../src/tokens/keys/list-keys.ts";
import { eventually } from "../../support/eventually.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { watchPool } from "../../support/watched-pool.ts";
import { graftedDatabase, rotate, type Server, startServer } from "./support.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedDatabase();
});
beforeEach(() => database.query("DELETE FROM authgraft.signing_keys"));

async function kidOf(server: Server): Promise<string> {
  return (await server.current()).kid;
}

/** What each key is, the newest first. */
async function states(server: Server): Promise<string[]> {
  return (await listKeys(server.store)).map(({ state }) => state);
}

describe("a new key", () => {
  test("is known and verifies before it signs, and signs from its moment on, on every server", async () => {
    const [one, two] = [startServer(database), startServer(database)];
    const old = await kidOf(one);
    const { kid } = await rotate(one);
    await one.reload();
    expect([await kidOf(one), await kidOf(two)]).toEqual([old, old]);
    for (const server of [one, two]) {
      expect(await server.find(kid)).toMatchObject({ kid });
      expect((await server.publicKeys()).map((key) => key.kid)).toEqual([kid, old]);
    }
    one.pass(15_000);
    two.pass(15_000);
    expect([await kidOf(one), await kidOf(two)]).toEqual([kid, kid]);
  });

  test("is the same for servers whose clocks are wrong by hours", async () => {
    const servers = [0, 3_600_000, -3_600_000].map((wrongBy) => startServer(database, { wrongBy }));
    const [first] = servers as [Server];
    const old = await kidOf(first);
    const { kid } = await rotate(first);
    await Promise.all(servers.map((server) => server.reload()));
    expect(await Promise.all(servers.map(kidOf))).toEqual([old, old, old]);
    for (const server of servers) server.pass(15_000);
    expect(await Promise.all(servers.map(kidOf))).toEqual([kid, kid, kid]);
  });

  test("takes over in two servers that are left alone, in real time", async () => {
    const [one, two] = [startServer(database), startServer(database)];
    const old = await kidOf(one);
    const { kid } = await rotate(one, { leadSeconds: 0.5 });
    await Promise.all([one.reload(), two.reload()]);
    const seen = new Set<string>();
    await eventually(async () => {
      const kids = [await kidOf(one), await kidOf(two)];
      for (const one of kids) seen.add(one);
      return kids;
    }).toEqual([kid, kid]);
    expect([...seen].every((one) => [kid, old].includes(one))).toBe(true);
  });

  test("signs at once where it is told to, and the servers hear of it when it is committed", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    const listener = await database.client();
    const heard: (string | undefined)[] = [];
    listener.on("notification", ({ channel, payload }) => heard.push(`${channel} ${payload}`));
    await listener.query(`LISTEN "${notificationChannel("authgraft")}"`);
    const { kid } = await rotate(server, { leadSeconds: 0 });
    await eventually(() => heard).toEqual(["authgraft_authgraft keys"]);
    expect(await kidOf(server)).toBe(old);
    await server.reload();
    expect(await kidOf(server)).toBe(kid);
  });

  test("is of the configured algorithm and retires the keys of every other", async () => {
    const one = startServer(database);
    const two = startServer(database, { tokens: { algorithm: "EdDSA" } });
    const [old, other] = [await kidOf(one), await kidOf(two)];
    expect(await one.find(other)).toMatchObject({ algorithm: "EdDSA" });
    expect(await two.find(old)).toMatchObject({ algorithm: "ES256" });
    expect(await states(two)).toEqual(["current", "grace"]);
    expect(await states(one)).toEqual(["grace", "current"]);
    const { kid, algorithm, retired } = await rotate(two, { leadSeconds: 0 });
    expect(algorithm).toBe("EdDSA");
    expect(retired.map((key) => key.kid)).toEqual([other, old]);
    await two.reload();
    expect(await kidOf(two)).toBe(kid);
    two.pass(15_000);
    expect([two.accepts(old), two.accepts(other), two.accepts(kid)]).toEqual([false, false, true]);
  });
});

describe("an old key", () => {
  test("verifies in its grace time and then no more, also in a process that reads nothing (64)", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    await rotate(server, { leadSeconds: 0 });
    await server.reload();
    expect(server.accepts(old)).toBe(true);
    expect(await server.find(old)).toMatchObject({ kid: old });
    server.pass(11_000);
    expect(server.accepts(old)).toBe(false);
    expect(await server.find(old)).toBeNull();
    expect((await server.publicKeys()).map(({ kid }) => kid)).not.toContain(old);
  });

  test("of which somebody else has verifies nothing from the moment that it is said (64)", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    const { kid: next } = await rotate(server);
    const { kid, retired } = await rotate(server, { leadSeconds: 99, graceSeconds: 99, isCompromised: true });
    expect(retired.map((one) => one.kid)).toEqual([next, old]);
    await server.reload();
    expect([server.accepts(old), server.accepts(next), server.accepts(kid)]).toEqual([false, false, true]);
    expect(await kidOf(server)).toBe(kid);
    expect(await server.find(old)).toBeNull();
    expect(await states(server)).toEqual(["current", "expired", "expired"]);
  });

  test("is not known for longer than a minute in a server that hears nothing", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    await rotate(startServer(database), { isCompromised: true });
    expect(server.accepts(old)).toBe(true);
    server.pass(60_000);
    expect(server.accepts(old)).toBe(false);
    expect(await server.find(old)).toBeNull();
  });

  test("is read again behind those who use it, before the minute is over", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    await rotate(startServer(database), { isCompromised: true });
    server.pass(35_000);
    expect(server.accepts(old)).toBe(true);
    await eventually(() => server.accepts(old)).toBe(false);
  });

  test("ends when it was said first, however often keys are rotated after that", async () => {
    const server = startServer(database);
    await server.current();
    await rotate(server, { leadSeconds: 0, graceSeconds: 100 });
    const [, before] = await listKeys(server.store);
    await rotate(server, { leadSeconds: 0, graceSeconds: 5 });
    await rotate(server, { leadSeconds: 50, graceSeconds: 500 });
    const after = await listKeys(server.store);
    expect(after.at(-1)).toEqual(before);
    expect(after.map(({ state }) => state)).toEqual(["next", "current", "grace", "grace"]);
  });
});

describe("keys that cannot be read again", () => {
  test("serve for a minute, and after that a look-up fails instead of saying no (57, 82)", async () => {
    let isGone = false;
    const onQuery = () => {
      if (isGone) throw new Error("the database is gone");
    };
    const server = startServer(database, { pool: watchPool(database.pool(), { onQuery }) });
    const { kid } = await server.current();
    isGone = true;
    server.pass(40_000);
    expect(server.accepts(kid)).toBe(true);
    expect(await server.find(kid)).toMatchObject({ kid });
    expect(await kidOf(server)).toBe(kid);
    server.pass(20_000);
    expect(server.accepts(kid)).toBe(false);
    const asked = [server.find(kid), server.current(), server.publicKeys(), server.reload()];
    for (const answer of await Promise.allSettled(asked)) {
      expect(answer).toMatchObject({ status: "rejected", reason: { message: "the database is gone" } });
    }
    isGone = false;
    expect(await server.find(kid)).toMatchObject({ kid });
    expect(server.accepts(kid)).toBe(true);
  });
});

describe("rotations one after another", () => {
  test("before the first of them counts leave the earlier key to sign until the later one does", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    const { kid: second } = await rotate(server, { leadSeconds: 10 });
    const { kid: third } = await rotate(server, { leadSeconds: 20 });
    await server.reload();
    expect(await kidOf(server)).toBe(old);
    server.pass(12_000);
    expect(await kidOf(server)).toBe(second);
    server.pass(10_000);
    expect(await kidOf(server)).toBe(third);
  });

  test("at once instead of later take the key that was to come out of use", async () => {
    const server = startServer(database);
    await server.current();
    await rotate(server, { leadSeconds: 10 });
    const { kid } = await rotate(server, { leadSeconds: 0 });
    await server.reload();
    server.pass(5_000);
    expect(await kidOf(server)).toBe(kid);
    server.pass(10_000);
    expect(await kidOf(server)).toBe(kid);
  });

  test("at the same moment come to one key that signs", async () => {
    const servers = Array.from({ length: 4 }, () => startServer(database));
    const [first] = servers as [Server];
    await first.current();
    await Promise.all(servers.map((server) => rotate(server, { leadSeconds: 0 })));
    const { rows } = await database.query("SELECT FROM authgraft.signing_keys WHERE retired_at IS NULL");
    expect(rows).toHaveLength(1);
    await Promise.all(servers.map((server) => server.reload()));
    const kids = await Promise.all(servers.map(kidOf));
    expect(new Set(kids).size).toBe(1);
  });

  test("leave nothing behind where they fail", async () => {
    const server = startServer(database);
    const old = await kidOf(server);
    await database.query(
      "ALTER TABLE authgraft.signing_keys ADD CONSTRAINT only_one CHECK (active_at <= now()) NOT VALID",
    );
    await expect(rotate(server)).rejects.toThrow("only_one");
    await database.query("ALTER TABLE authgraft.signing_keys DROP CONSTRAINT only_one");
    expect(await states(server)).toEqual(["current"]);
    await server.reload();
    expect(await kidOf(server)).toBe(old);
  });
});
