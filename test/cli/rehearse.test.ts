import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, makeDirectory } from "./command-line.ts";

const GATES = [
  "restore",
  "up_on_fresh",
  "up_on_copy",
  "rows_unchanged",
  "old_queries",
  "lock_budget",
  "down_restores",
  "up_again",
];

const directory = makeDirectory();
const file = (name: string) => join(directory, name);

/** Everything of a source that a rehearsal could change. */
async function stateOf(database: TestDatabase): Promise<unknown> {
  const { rows } = await database.query(`
    SELECT (SELECT md5(string_agg(u::text, '' ORDER BY u.id)) FROM users u) AS users,
      (SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid) FROM pg_class WHERE oid >= 16384) AS relations`);
  return rows;
}

describe("a rehearsal of the live database", () => {
  let database: TestDatabase;
  let before: unknown;

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "a" });
    before = await stateOf(database);
  });

  test("is a go with eight gates, and leaves the source as it was", async () => {
    writeFileSync(
      file("queries.sql"),
      "SELECT username FROM users WHERE id = $1;\nSELECT no FROM nowhere;\n",
    );
    const files = ["--queries", file("queries.sql"), "--report", file("go.json"), "--html", file("go.html")];
    const source = ["--from-database", "--rows", "50", "--database-url", database.url];
    const go = await authgraft(["rehearse", ...source, ...files]);
    expect(go.stdout).toMatch(/Go: all 8 gates passed in [\d.]+ s\.\n→ authgraft up --require-rehearsal /);
    expect(go.code).toBe(0);
    const report = JSON.parse(readFileSync(file("go.json"), "utf8"));
    expect(report.gates.map(({ id }: { id: string }) => id)).toEqual(GATES);
    expect(report).toMatchObject({ decision: "go", table: "public.users", notes: [] });
    expect(Number.parseInt(report.serverVersion, 10)).toBe(inject("postgresMajor"));
    expect(report.timeline.latency.length).toBeGreaterThan(0);
    expect(await stateOf(database)).toEqual(before);
  });

  test("tells what it tried of the application's queries, and that one of them is unknown", () => {
    const report = JSON.parse(readFileSync(file("go.json"), "utf8"));
    const { evidence } = report.gates[GATES.indexOf("old_queries")];
    expect(evidence.queries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ origin: "queries.sql:1", outcome: "ok" }),
        expect.objectContaining({ origin: "queries.sql:2", outcome: "unknown" }),
      ]),
    );
  });

  test("draws a page of the same, and nothing is left beside the files", () => {
    const page = readFileSync(file("go.html"), "utf8");
    expect(page).toContain("All 8 gates passed");
    expect(page).toContain("<svg ");
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(readdirSync(directory).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  test("is required by up: refused where it does not stand for the change, and then applied", async () => {
    const report = JSON.parse(readFileSync(file("go.json"), "utf8"));
    const variant = (name: string, change: object) => {
      writeFileSync(file(name), JSON.stringify({ ...report, ...change }));
      return file(name);
    };
    const otherHash = createHash("sha256").update("another").digest("hex");
    const tried = [
      { path: variant("old.json", { finishedAt: "2020-05-01T10:00:00.000Z" }), said: "it ended " },
      { path: variant("no-go.json", { decision: "no-go" }), said: "it is not a go" },
      { path: variant("plan.json", { planHash: otherHash }), said: "the plan is another one now" },
      { path: variant("schema.json", { schemaFingerprint: otherHash }), said: "the users table has changed" },
      { path: variant("major.json", { serverVersion: "11.1" }), said: "another major version" },
      { path: file("queries.sql"), said: "no report of a rehearsal" },
    ];
    const up = (path: string, ...more: string[]) =>
      authgraft(["up", "--yes", "--database-url", database.url, "--require-rehearsal", path, ...more]);
    const outcomes = await Promise.all(tried.map(({ path }) => up(path)));
    expect(outcomes.map(({ code, said }) => [code, said])).toEqual(
      tried.map(({ said }) => [3, expect.stringContaining(said)]),
    );
    expect((await up(file("missing.json"))).code).toBe(2);
    expect((await up(file("go.json"), "--max-age", "soon")).code).toBe(2);
    expect(await stateOf(database)).toEqual(before);
    const applied = await up(file("go.json"), "--max-age", "1d");
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining("Done: 8 steps.")]);
    // There is nothing to do any more, so nothing has to have been rehearsed.
    expect((await up(file("old.json"))).stdout).toContain("Nothing to do");
  });

  test("is not made on the source's own server, by whatever name it is called", async () => {
    const url = new URL(inject("postgresUrl"));
    const source = ["--from-database", "--database-url", database.url];
    for (const host of ["127.0.0.1", "localhost"]) {
      url.hostname = host;
      const refused = await authgraft(["rehearse", "--json", ...source, "--scratch-url", url.href]);
      expect([refused.code, refused.json().error.code]).toEqual([2, "usage_invalid"]);
      expect(refused.said).toContain("names the source's own server");
    }
  });
});
