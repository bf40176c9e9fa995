import { describe, expect, test } from "vitest";
import type { TrafficOptions } from "../../../src/migration/rehearse/traffic/options.ts";
import { startTraffic } from "../../../src/migration/rehearse/traffic/start-traffic.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const READ = {
  name: "read",
  sql: "SELECT id, username FROM users WHERE id = $1",
  parameters: [{ kind: "range", from: 1, to: 200 }],
} as const;

const RENAME = {
  name: "rename",
  sql: "UPDATE users SET username = $1 WHERE id = $2",
  parameters: [
    { kind: "counter", prefix: "renamed " },
    { kind: "list", values: [1, 2, 3] },
  ],
} as const;

const STAR = { ...READ, name: "star", sql: "SELECT * FROM users WHERE id = $1" } as const;

function options(database: TestDatabase, more: Partial<TrafficOptions> = {}): TrafficOptions {
  return {
    databaseUrl: database.url,
    statements: [READ, RENAME],
    ratePerSecond: 500,
    connections: 4,
    prepared: false,
    ...more,
  };
}

/** The numbers at the ends of the names that the counter has given so far; the warm-up's were taken back. */
async function renamed(database: TestDatabase): Promise<number> {
  const { rows } = await database.query<{ last: number | null }>(
    "SELECT max(substr(username, 9)::int) AS last FROM users WHERE username LIKE 'renamed %'",
  );
  return rows[0]?.last ?? 0;
}

async function waiting(database: TestDatabase): Promise<number> {
  const { rows } = await database.query<{ waiting: number }>(
    "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE application_name = 'traffic' AND wait_event_type = 'Lock' AND datname = current_database()",
  );
  return rows[0]?.waiting ?? 0;
}

describe("generated traffic", () => {
  test("sends every statement at its rate, and tells what each was like", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const traffic = await startTraffic(options(database));
    await eventually(() => renamed(database)).toBeGreaterThan(50);
    const report = await traffic.stop();
    expect(report.errors).toEqual([]);
    expect(report.statements.map(({ name }) => name)).toEqual(["read", "rename", "commit"]);
    const [read, rename, commit] = report.statements.map(({ count }) => count);
    expect([Number(read) > 0, Number(rename) > 0, commit]).toEqual([true, true, 0]);
    expect(report.total.count).toBe(Number(read) + Number(rename));
    // Whatever the machine was doing: all that was due by then, and not one more.
    expect(report.total.count).toBeLessThanOrEqual(Math.ceil(report.seconds * 500) + 1);
    expect(report.timeline.reduce((sum, { count }) => sum + count, 0)).toBe(report.total.count);
    expect(report.slowest?.milliseconds).toBe(report.total.slowest);
  });

  test("a stall counts for everything that was due during it, not only for what had a connection", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const client = await database.client();
    const traffic = await startTraffic(options(database, { connections: 2 }));
    await client.query("BEGIN; LOCK TABLE users");
    await eventually(() => waiting(database)).toBe(2);
    await client.query("SELECT pg_sleep(0.5)");
    await client.query("COMMIT");
    const { total } = await traffic.stop();
    // 0.4 of the 0.5 s at 500 a second, of which two had a connection.
    expect(total.over100).toBeGreaterThan(150);
  });

  test("statements prepared before a column came fail by SQLSTATE where they name no columns, and only those", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const traffic = await startTraffic(
      options(database, { statements: [READ, STAR, RENAME], prepared: true }),
    );
    await database.query("ALTER TABLE users ADD COLUMN email text");
    const before = await renamed(database);
    await eventually(() => renamed(database)).toBeGreaterThan(before + 60);
    const { errors, statements } = await traffic.stop();
    expect(errors.map(({ code, statement, message }) => [code, statement, message])).toEqual([
      ["0A000", "star", "cached plan must not change result type"],
    ]);
    expect(statements.map(({ name, errors: failed }) => [name, failed > 0])).toEqual([
      ["read", false],
      ["star", true],
      ["rename", false],
      ["commit", false],
    ]);
  });

  test("as transactions from a fixed number of clients: the next begins when the last is through", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const traffic = await startTraffic(
      options(database, {
        ratePerSecond: null,
        connections: 3,
        transaction: { statements: 4, thinkMilliseconds: 4 },
        statements: [
          READ,
          { ...RENAME, parameters: [RENAME.parameters[0], { kind: "range", from: 1, to: 200 }] },
        ],
      }),
    );
    await eventually(() => renamed(database)).toBeGreaterThan(30);
    const { statements, total } = await traffic.stop();
    const commits = statements.find(({ name }) => name === "commit")?.count ?? 0;
    expect(commits).toBeGreaterThan(0);
    // Clients that meet on a row in both orders deadlock; all other transactions have all their statements.
    expect(total.count).toBeGreaterThanOrEqual(commits * 5);
  });

  test("a connection that is ended is counted and made anew", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const traffic = await startTraffic(options(database));
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'traffic' AND datname = current_database()",
    );
    const before = await renamed(database);
    await eventually(() => renamed(database)).toBeGreaterThan(before + 20);
    const { errors } = await traffic.stop();
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ code }) => code === "57P01" || code === "connection")).toBe(true);
  });

  test("a statement that cannot be run is said before anything begins", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const statements = [{ ...READ, sql: "SELECT nothing FROM users WHERE id = $1" }];
    await expect(startTraffic(options(database, { statements }))).rejects.toMatchObject({
      code: "database_error",
      message: expect.stringContaining('column "nothing" does not exist'),
    });
  });
});
