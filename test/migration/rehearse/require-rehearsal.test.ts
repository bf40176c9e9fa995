import { beforeAll, describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { down } from "../../../src/migration/down.ts";
import { planHash, schemaFingerprint, stepHashes } from "../../../src/migration/rehearse/fingerprint.ts";
import { GATES } from "../../../src/migration/rehearse/gates/gate-record.ts";
import { inspect } from "../../../src/migration/status.ts";
import { up } from "../../../src/migration/up.ts";
import { VERSION } from "../../../src/migration/version.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../../support/postgres.ts";

const NOW = new Date("2026-01-02T12:00:00.000Z");
const HOUR = 3_600;

/** A go of an hour ago for this database, as `rehearse` writes it; read back from its file. */
async function reportFor(database: TestDatabase, configuration: ConfigurationInput = {}) {
  const { situation } = await inspect({ databaseUrl: database.url, configuration });
  const evidence: Record<string, object> = {
    up_on_copy: { steps: stepHashes(situation) },
    rows_unchanged: { before: { rows: 200, digest: "1" } },
  };
  return {
    decision: "go",
    gates: Object.keys(GATES).map((id) => ({
      id,
      passed: true,
      evidence: evidence[id] ?? {},
    })),
    table: "public.users",
    serverVersion: `${serverMajor()}.2`,
    authgraftVersion: VERSION,
    planHash: planHash(situation),
    schemaFingerprint: schemaFingerprint(situation),
    lockBudgetMilliseconds: 50,
    finishedAt: "2026-01-02T11:00:00.000Z",
  };
}

/** The same as it is of a copy without a row. */
function withoutRows<Report extends { readonly gates: readonly { readonly id: string }[] }>(report: Report) {
  const evidence = { before: { rows: 0, digest: "0" } };
  return {
    ...report,
    gates: report.gates.map((gate) => (gate.id === "rows_unchanged" ? { ...gate, evidence } : gate)),
  };
}

function upWith(database: TestDatabase, rehearsal: unknown, configuration: ConfigurationInput = {}) {
  const requireRehearsal = { rehearsal, maxAgeSeconds: HOUR, now: NOW };
  return up({ databaseUrl: database.url, configuration, requireRehearsal });
}

describe("up with a rehearsal required", () => {
  let database: TestDatabase;
  let report: Awaited<ReturnType<typeof reportFor>>;

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "b" });
    report = await reportFor(database);
  });

  const refusals: [string, () => unknown, RegExp][] = [
    ["a no-go", () => ({ ...report, decision: "no-go" }), /it is not a go/],
    [
      "a go that lacks a gate",
      () => ({ ...report, gates: report.gates.filter(({ id }) => id !== "lock_budget") }),
      /it is not a go \(did not pass: lock_budget\)/,
    ],
    [
      "a go with a gate that did not pass",
      () => ({ ...report, gates: report.gates.map((gate) => ({ ...gate, passed: gate.id !== "restore" })) }),
      /did not pass: restore/,
    ],
    [
      "one of another table",
      () => ({ ...report, table: "shop.users" }),
      /of the table shop\.users, and this is public\.users/,
    ],
    ["one on another major version", () => ({ ...report, serverVersion: "13.9" }), /ran on PostgreSQL 13\.9/],
    [
      "one of another version of Authgraft",
      () => ({ ...report, authgraftVersion: "0.0.1" }),
      /Authgraft 0\.0\.1/,
    ],
    ["one of another plan", () => ({ ...report, planHash: "0".repeat(64) }), /the plan is another one now\./],
    [
      "one of another schema",
      () => ({ ...report, schemaFingerprint: "0".repeat(64) }),
      /the users table has changed since/,
    ],
    [
      "one that did not come so far",
      () => ({ ...report, schemaFingerprint: null, planHash: null }),
      /the plan is another one.*has changed/,
    ],
    [
      "one that is too old",
      () => ({ ...report, finishedAt: "2026-01-02T10:59:59.000Z" }),
      /ended 3,601 s ago/,
    ],
    [
      "one that is still to come",
      () => ({ ...report, finishedAt: "2026-01-02T12:02:00.000Z" }),
      /still to come/,
    ],
    [
      "one under a looser lock budget",
      () => ({ ...report, lockBudgetMilliseconds: 10_000 }),
      /under a lock budget of 10,000 ms, and this is one of 50 ms/,
    ],
    [
      "one under a tighter lock budget than what is done now",
      () => ({ ...report, lockBudgetMilliseconds: 20 }),
      /under a lock budget of 20 ms/,
    ],
    ["one without a row", () => withoutRows(report), /on a users table without a row/],
    ["no report at all", () => ({ decision: "go" }), /no report of a rehearsal/],
    ["no object", () => "go", /no report of a rehearsal/],
  ];

  test.each(refusals)("refuses %s", async (_, rehearsal, words) => {
    await expect(upWith(database, rehearsal())).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(words),
    });
  });

  test("has changed nothing by refusing", async () => {
    expect((await inspect({ databaseUrl: database.url })).situation.graft).toBeNull();
  });

  test("names every reason at once", async () => {
    const refused = upWith(database, { ...report, decision: "no-go", authgraftVersion: "0.0.1" });
    await expect(refused).rejects.toThrow(/not a go.*Authgraft 0\.0\.1/);
  });

  test("names the steps of a plan that is another one", async () => {
    const changed = { emailUniqueConstraint: true };
    await expect(upWith(database, report, changed)).rejects.toThrow(
      /the plan is another one now \(it differs in: users-email-constraint\)/,
    );
  });
});

test("up applies what was rehearsed, goes on after an interruption, and has nothing to ask when all is done", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const report = await reportFor(database);
  await up({ databaseUrl: database.url, to: "users-email-index" });
  expect(await upWith(database, report)).toMatchObject({ state: "applied" });
  expect(await upWith(database, { ...report, finishedAt: "2020-01-01T00:00:00.000Z" })).toMatchObject({
    steps: [],
  });
});

test("what was rehearsed without a row stands for a table without one", async () => {
  const database = await createTestDatabase({ sample: "a", users: 0 });
  expect(await upWith(database, withoutRows(await reportFor(database)))).toMatchObject({ state: "applied" });
});

test("a change of the users table since the rehearsal is refused", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const report = await reportFor(database);
  await database.query("CREATE INDEX users_created_at_idx ON users (created_at)");
  await expect(upWith(database, report)).rejects.toThrow(/the users table has changed since/);
  await database.query("DROP INDEX users_created_at_idx");
  expect(await upWith(database, report)).toMatchObject({ state: "applied" });
  await down({ databaseUrl: database.url });
  expect(await upWith(database, report)).toMatchObject({ state: "applied" });
});
