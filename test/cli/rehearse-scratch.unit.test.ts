import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { explainDiskSpace } from "../../src/cli/rehearse/disk-space.ts";
import { openGivenScratch } from "../../src/cli/rehearse/given-scratch.ts";
import { dumpSample } from "../../src/embedded/samples/dump.ts";
import { startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { connect } from "../../src/postgres/connect.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { startThrowawayServer, type ThrowawayServer } from "../support/server.ts";
import { authgraft, makeDirectory } from "./command-line.ts";

const directory = makeDirectory();
const file = (name: string) => join(directory, name);

/** The largest there is: on a machine that runs other tests beside this one, queries wait for it and not for a lock. */
const BUDGET = ["--lock-budget", "10000"];

/** A server to rehearse on of its own, so that what is left there can be seen. */
let scratch: ThrowawayServer;

beforeAll(async () => {
  scratch = await startThrowawayServer(14);
});

afterAll(() => scratch?.remove());

/** The databases and roles on the server, those of PostgreSQL's own left out. */
function standing(): Promise<unknown[]> {
  return run(`
    SELECT datname AS name FROM pg_database WHERE oid >= 16384
    UNION SELECT rolname FROM pg_roles WHERE oid >= 16384`);
}

async function run(sql: string): Promise<unknown[]> {
  const client = await connect(scratch.server.url, { applicationName: "test" });
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}

test("a dump is rehearsed on a server that was named, which is left as it was", async () => {
  writeFileSync(file("b.sql"), [...dumpSample("b", { users: 20, style: "inserts" })].join(""));
  // A database that is named in the environment is not asked for, and not used.
  const environment = { DATABASE_URL: "postgres://ada:secret@127.0.0.1:1/shop" };
  const go = await authgraft(
    ["rehearse", "--json", ...BUDGET, "--dump", file("b.sql"), "--scratch-url", scratch.server.url],
    { environment },
  );
  expect([go.code, go.stderr]).toEqual([0, ""]);
  expect(go.json()).toMatchObject({ decision: "go", source: expect.stringMatching(/^b\.sql \(plain SQL/) });
  expect(await standing()).toEqual([]);
});

test("a dump that was cut off is a no-go: exit 4, which gate, where and why, and the report says so too", async () => {
  const whole = [...dumpSample("a", { users: 20 })].join("");
  writeFileSync(file("cut.sql"), whole.slice(0, whole.indexOf("\\.\n") - 20));
  const report = file("cut.json");
  const noGo = await authgraft([
    "rehearse",
    "--dump",
    file("cut.sql"),
    "--report",
    report,
    "--scratch-url",
    scratch.server.url,
  ]);
  expect(noGo.code).toBe(4);
  expect(noGo.stdout).toMatch(/✗ The source can be restored/);
  expect(noGo.stdout).toMatch(/at line \d+/);
  expect(noGo.stdout).toMatch(/– Up again comes to the same +not reached/);
  expect(noGo.stdout).toContain("No-go: 1 of 8 gates failed");
  expect(JSON.parse(readFileSync(report, "utf8")).decision).toBe("no-go");
  expect(await standing()).toEqual([]);
});

test("a server to rehearse on has to let databases be made", async () => {
  await run("CREATE ROLE tester LOGIN PASSWORD 'invented'");
  const url = new URL(scratch.server.url);
  [url.username, url.password] = ["tester", "invented"];
  writeFileSync(file("role.sql"), [...dumpSample("a", { users: 5 })].join(""));
  const refused = await authgraft(["rehearse", "--dump", file("role.sql"), "--scratch-url", url.href]);
  expect(refused.code).toBe(2);
  expect(refused.said).toContain("The role tester may not create databases");
  expect(refused.said).toContain('ALTER ROLE "tester" CREATEDB;');
});

test("the server of the database that DATABASE_URL names is not rehearsed on, whatever the dump is of", async () => {
  const environment = { DATABASE_URL: scratch.server.databaseUrl("template1") };
  writeFileSync(file("beside.sql"), [...dumpSample("a", { users: 5 })].join(""));
  const refused = await authgraft(
    ["rehearse", "--json", "--dump", file("beside.sql"), "--scratch-url", scratch.server.url],
    { environment },
  );
  expect([refused.code, refused.json().error.code]).toEqual([2, "usage_invalid"]);
  expect(refused.said).toContain("unset DATABASE_URL");
});

test("the primary of a standby that is copied is not rehearsed on", async () => {
  const options = {
    dataDirectory: join(await makeTestDirectory(), "data"),
    major: 14,
    durable: false,
  } as const;
  const before = await startEmbeddedPostgres(options);
  await before.stop();
  const copy = join(await makeTestDirectory(), "data");
  await promisify(execFile)("cp", ["-a", before.dataDirectory, copy]);
  await promisify(execFile)("cp", ["-a", join(copy, "PG_VERSION"), join(copy, "standby.signal")]);
  const primary = await startEmbeddedPostgres(options);
  onTestFinished(() => primary.stop("immediate"));
  const standby = await startEmbeddedPostgres({ ...options, dataDirectory: copy });
  onTestFinished(() => standby.stop("immediate"));
  const source = { kind: "database", serverVersion: null } as const;
  const open = (from: string) => openGivenScratch(primary.url, { url: from, as: "source" }, source);
  await expect(open(standby.url)).rejects.toMatchObject({
    code: "usage_invalid",
    message: expect.stringContaining("the one it is a standby of"),
  });
  expect(await open(scratch.server.url)).toMatchObject({ major: 14 });
});

test("no space left is said in words, with where and what to do", () => {
  const errors = [
    Object.assign(new Error("write failed"), { code: "ENOSPC" }),
    new Error("restore", { cause: Object.assign(new Error("could not extend file"), { code: "53100" }) }),
    new Error("initdb: error: could not write: No space left on device"),
    new Error('could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 10'),
  ];
  for (const error of errors) {
    expect(explainDiskSpace(error, "/somewhere")).toMatchObject({
      code: "embedded_postgres_failed",
      message: expect.stringContaining("no space left for the rehearsal in /somewhere"),
      fix: expect.stringContaining("TMPDIR"),
    });
  }
  const other = new Error("another");
  expect(explainDiskSpace(other, "/somewhere")).toBe(other);
});
