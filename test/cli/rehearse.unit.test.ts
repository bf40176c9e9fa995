import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSample } from "../../src/embedded/samples/load.ts";
import { connect } from "../../src/postgres/connect.ts";
import { startThrowawayServer, type ThrowawayServer } from "../support/server.ts";
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

/** The largest there is: on a machine that runs other tests beside this one, queries wait for it and not for a lock. */
const BUDGET = ["--lock-budget", "10000"];

const directory = makeDirectory();
const file = (name: string) => join(directory, name);

/** The source is of one major; what differs between them is rehearsed on each without the command line. */
const MAJOR = 14;

let source: ThrowawayServer;
/** As an ordinary role, to its own database. */
let url: string;

beforeAll(async () => {
  source = await startThrowawayServer(MAJOR);
  const admin = await connect(source.server.url, { applicationName: "test" });
  await admin.query("CREATE ROLE keeper LOGIN PASSWORD 'invented'");
  await admin.query("CREATE DATABASE shop OWNER keeper");
  await admin.end();
  const own = new URL(source.server.databaseUrl("shop"));
  [own.username, own.password] = ["keeper", "invented"];
  url = own.href;
  const client = await connect(url, { applicationName: "test" });
  await loadSample(client, "a", { users: 60 }).finally(() => client.end());
});

afterAll(() => source?.remove());

/** Everything of a source that a rehearsal could change. */
async function stateOf(): Promise<unknown> {
  const client = await connect(url, { applicationName: "test" });
  const asked = client.query(`
    SELECT (SELECT md5(string_agg(u::text, '' ORDER BY u.id)) FROM users u) AS users,
      (SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid) FROM pg_class WHERE oid >= 16384) AS relations`);
  return (await asked.finally(() => client.end())).rows;
}

describe("a rehearsal of the live database", () => {
  let before: unknown;

  beforeAll(async () => {
    before = await stateOf();
  });

  test("is a go with eight gates, and leaves the source as it was", async () => {
    writeFileSync(
      file("queries.sql"),
      "SELECT username FROM users WHERE id = $1;\nSELECT no FROM nowhere;\n",
    );
    const files = ["--queries", file("queries.sql"), "--report", file("go.json"), "--html", file("go.html")];
    const copy = ["--from-database", "--rows", "50", "--database-url", url, ...BUDGET];
    const go = await authgraft(["rehearse", ...copy, ...files]);
    expect(go.stdout).toMatch(/Go: all 8 gates passed in [\d.]+ s\.\n→ authgraft up --require-rehearsal /);
    expect(go.code).toBe(0);
    const report = JSON.parse(readFileSync(file("go.json"), "utf8"));
    expect(report.gates.map(({ id }: { id: string }) => id)).toEqual(GATES);
    expect(report).toMatchObject({ decision: "go", table: "public.users", notes: [] });
    expect(Number.parseInt(report.serverVersion, 10)).toBe(MAJOR);
    expect(report.timeline.latency.length).toBeGreaterThan(0);
    expect(await stateOf()).toEqual(before);
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
    // Every reason there is to refuse is tried where it is decided; here, that the command heeds it.
    const tried = [
      { path: variant("old.json", { finishedAt: "2020-05-01T10:00:00.000Z" }), said: "it ended " },
      { path: file("queries.sql"), said: "no report of a rehearsal" },
    ];
    const up = (path: string, ...more: string[]) =>
      authgraft(["up", "--yes", "--database-url", url, ...BUDGET, "--require-rehearsal", path, ...more]);
    const outcomes = await Promise.all(tried.map(({ path }) => up(path)));
    expect(outcomes.map(({ code, said }) => [code, said])).toEqual(
      tried.map(({ said }) => [3, expect.stringContaining(said)]),
    );
    expect((await up(file("missing.json"))).code).toBe(2);
    expect((await up(file("go.json"), "--max-age", "soon")).code).toBe(2);
    expect(await stateOf()).toEqual(before);
    const applied = await up(file("go.json"), "--max-age", "1d");
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringMatching(/Done: \d+ steps\./)]);
    // There is nothing to do any more, so nothing has to have been rehearsed.
    expect((await up(file("old.json"))).stdout).toContain("Nothing to do");
  });

  test("is not made on the source's own server, whatever that is called", async () => {
    const scratch = new URL(source.server.url);
    scratch.hostname = "localhost";
    const copy = ["--from-database", "--database-url", url];
    const refused = await authgraft(["rehearse", "--json", ...copy, "--scratch-url", scratch.href]);
    expect([refused.code, refused.json().error.code]).toEqual([2, "usage_invalid"]);
    expect(refused.said).toContain("names the source's own server");
  });
});
