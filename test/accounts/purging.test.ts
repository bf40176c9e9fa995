import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { guardPool } from "../../src/accounts/guarded-pool.ts";
import { type Purging, type PurgingParts, startPurging } from "../../src/accounts/purge.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { eventually } from "../support/eventually.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";
import { countRows, emptied, graftedUsers, pastEvents, purgeParts, revokedTokens } from "./purge-parts.ts";

/** Milliseconds. */
const SOON = 20;

let database: TestDatabase;
let logs: string[];

beforeAll(async () => {
  database = await graftedUsers();
});

beforeEach(async () => {
  await emptied(database);
  logs = [];
});

const log = (details: object, message: string) => void logs.push(`${message} ${JSON.stringify(details)}`);

async function start(pool?: Pool, options: Partial<PurgingParts> = {}): Promise<Purging> {
  const logger = { info: log, warn: log, error: log };
  const parts = { ...(await purgeParts(database, pool)), logger, auditRetentionDays: 30 };
  const purging = startPurging({ ...parts, interval: SOON, ...options });
  onTestFinished(() => purging.stop());
  return purging;
}

const left = () => countRows(database, "revoked_tokens");

test("servers purge again and again, several at once, and say how much it was", async () => {
  await revokedTokens(database, 2_500, "1 hour");
  for (let server = 0; server < 3; server++) await start();
  await eventually(left).toBe(0);
  await revokedTokens(database, 10, "2 hours");
  await eventually(left).toBe(0);
  const purged = () => logs.map((line) => Number(/"revoked_tokens":(\d+)/.exec(line)?.[1] ?? 0));
  await eventually(() => purged().reduce((sum, rows) => sum + rows, 0)).toBe(2_510);
});

test("a server that fails to purge one table says so without a word of its rows, and purges the others", async () => {
  await database.query(
    `CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', OLD USING DETAIL = OLD::text; END $$;
     CREATE TRIGGER object BEFORE DELETE ON revoked_tokens FOR EACH ROW EXECUTE FUNCTION object();
     INSERT INTO revoked_tokens (jti, expires_at) VALUES ('canary-jti', now() - interval '1 hour');
     INSERT INTO authgraft.revocations (key, expires_at) VALUES ('\\x00', now() - interval '1 hour')`,
  );
  await start();
  await eventually(() => countRows(database, "authgraft.revocations")).toBe(0);
  expect(logs[0]).toMatch(
    /^what has expired could not be purged .*"sqlstate":"P0001".*"table":"revoked_tokens"/,
  );
  expect(logs.join()).not.toContain("canary");
  await database.query("DROP TRIGGER object ON revoked_tokens");
  await eventually(left).toBe(0);
});

test("a server purges the audit log of what is older than it is to be, where its role may", async () => {
  await pastEvents(database, 1_100, "31 days");
  await pastEvents(database, 1, "29 days");
  const keeping = await start(undefined, { auditRetentionDays: null });
  await revokedTokens(database, 1, "1 hour");
  await eventually(left).toBe(0);
  await keeping.stop();
  expect(await countRows(database, "authgraft.audit_log")).toBe(1_101);
  await start();
  await eventually(() => countRows(database, "authgraft.audit_log")).toBe(1);
  await eventually(() => logs.join()).toContain('"audit_log":1100');
});

test("a server whose role can only add to the audit log says once what is due, and who can delete it", async () => {
  const own = await createTestDatabase({ sample: "a" });
  const role = await own.createRole("server");
  await graft({ url: own.superuserUrl }, { serverRole: role.name });
  const parts = await purgeParts(own, own.pool({ url: own.urlFor(role) }));
  const seen = async (text: string) => {
    await revokedTokens(own, 1, "1 hour");
    await eventually(() => countRows(own, "revoked_tokens")).toBe(0);
    return logs.filter((line) => line.includes(text));
  };
  await start(undefined, parts);
  expect(await seen("audit log")).toEqual([]);
  await pastEvents(own, 3, "31 days");
  await eventually(() => logs.join()).toContain("authgraft audit purge");
  expect([await seen("audit log"), await seen("could not be purged")]).toEqual([[expect.anything()], []]);
  expect(await seen("audit log")).toHaveLength(1);
  expect(await countRows(own, "authgraft.audit_log")).toBe(3);
});

test("a server goes on purging when the database has been away", async () => {
  await revokedTokens(database, 1, "1 hour");
  const pool = database.pool();
  let isAway = true;
  const watched = watchPool(pool, {});
  const connect = async () => {
    if (isAway) throw new Error("nobody is there");
    return watched.connect();
  };
  await start(guardPool({ ...watched, connect }));
  await eventually(() => logs.length).toBeGreaterThan(2);
  // The first table that nobody can be asked about ends the round.
  expect(new Set(logs.map((line) => /"table":"(\w+)"/.exec(line)?.[1]))).toEqual(new Set(["revoked_tokens"]));
  isAway = false;
  await eventually(left).toBe(0);
});

test("stopping waits for the batch that runs, and begins no other", async () => {
  await revokedTokens(database, 2_500, "1 hour");
  const begun = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  const pool = watchPool(database.pool(), {
    onQuery: async (text) => {
      if (!text.startsWith("WITH")) return;
      begun.resolve();
      await mayGoOn.promise;
    },
  });
  const purging = await start(pool);
  await begun.promise;
  let isStopped = false;
  const stopped = purging.stop().then(() => {
    isStopped = true;
  });
  expect([await left(), isStopped]).toEqual([2_500, false]);
  mayGoOn.resolve();
  await stopped;
  expect(await left()).toBe(1_500);
  await purging.stop();
});

test("the first purge is after a random part of the interval, and waiting for it keeps no process", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const { logger, ...parts } = {
    ...(await purgeParts(database)),
    logger: { info: log, warn: log, error: log },
    auditRetentionDays: null,
  };
  const before = timers();
  const purging = startPurging({ ...parts, logger, interval: 600_000, random: () => 0.5 });
  expect(timers()).toBe(before);
  await purging.stop();
  await revokedTokens(database, 1, "1 hour");
  // Nothing of ten minutes is none.
  const soon = startPurging({ ...parts, logger, interval: 600_000, random: () => 0 });
  await eventually(left).toBe(0);
  await soon.stop();
});
