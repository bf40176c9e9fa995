import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, follow, MAIN, start } from "./command-line.ts";

let database: TestDatabase;
let url: readonly string[];

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a" });
  url = ["--database-url", database.url];
});

/** Somebody who holds the table: a report in a transaction that does not end. */
async function holdTable(): Promise<() => Promise<unknown>> {
  const client = await database.client();
  await client.query("BEGIN; SELECT count(*) FROM users");
  return () => client.query("COMMIT");
}

/** What is left of the runs on the server: connections, and advisory locks. */
async function leftOpen(): Promise<object> {
  const { rows } = await database.query(`
    SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft') AS connections,
      (SELECT count(*)::int FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory') AS locks`);
  return rows[0] ?? {};
}

test("two runs of up at once: the second waits, then finds nothing to do", async () => {
  const release = await holdTable();
  const first = start(["up", "--yes", ...url]);
  await first.until(/waiting for a moment on "public"\."users": held by pid \d+/);
  const second = start(["up", "--yes", "--json", ...url]);
  const third = start(["up", "--yes", ...url]);
  await third.until(/waiting for another run of authgraft: pid \d+/);
  await release();
  const outcomes = await Promise.all([first.outcome, second.outcome, third.outcome]);
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(outcomes[0]?.stdout).toContain("Done: 14 steps.");
  expect(outcomes[1]?.json()).toMatchObject({ state: "applied", steps: [] });
  expect(outcomes[2]?.stdout).toContain("Nothing to do: everything stands.");
});

test("a lock that is not had in the time allowed: 5, who holds it, and safe to run again", async () => {
  const release = await holdTable();
  const stuck = await authgraft(["up", "--yes", "--lock-deadline", "0.5", ...url]);
  expect(stuck.code).toBe(5);
  expect(stuck.said).toMatch(
    /could not be had within 0\.5 s: held by pid \d+ \(app_owner, idle in transaction/,
  );
  expect(stuck.said).toContain("run the same command again");
  expect(await leftOpen()).toEqual({ connections: 0, locks: 0 });
  const [status] = await Promise.all([authgraft(["status", ...url]), release()]);
  expect(status.stdout).toContain("partly grafted, 1 of 14 steps done");
  expect(status.stdout).toContain("failed (lock_timeout)");
  expect((await authgraft(["up", "--yes", ...url])).code).toBe(0);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s while up waits: 130, nothing is left open, and it can be run again",
  async (signal) => {
    const release = await holdTable();
    const waiting = start(["up", "--yes", ...url]);
    await waiting.until(/waiting for a moment/);
    waiting.child.kill(signal);
    const { code, said } = await waiting.outcome;
    expect(code).toBe(130);
    expect(said).toContain("Interrupted; the steps that were done stand.");
    expect(said).toContain("It is safe to run the same command again.");
    await eventually(leftOpen).toEqual({ connections: 0, locks: 0 });
    await release();
    expect((await authgraft(["up", "--yes", ...url])).code).toBe(0);
  },
);

test("an up that waits for another up can be interrupted too, and the other goes on", async () => {
  const release = await holdTable();
  const first = start(["up", "--yes", ...url]);
  await first.until(/waiting for a moment/);
  const second = start(["up", "--yes", "--json", ...url]);
  await eventually(leftOpen).toMatchObject({ connections: 2, locks: 1 });
  second.child.kill("SIGTERM");
  const { code, json } = await second.outcome;
  expect([code, json().error.code]).toEqual([130, "interrupted"]);
  await release();
  expect((await first.outcome).code).toBe(0);
});

test("a reader that has seen enough (| head) is no failure, and the exit code stays what it was", async () => {
  await database.query("CREATE VIEW people AS SELECT * FROM users");
  const [plan, refused] = [start(["plan", ...url]), start(["plan", "--table", "people", ...url])];
  for (const { child } of [plan, refused]) child.stdout?.destroy();
  expect(await plan.outcome).toMatchObject({ code: 0, stderr: "" });
  expect(await refused.outcome).toMatchObject({ code: 3, stderr: "" });
});

test("a reader that goes away does not leave a run half-way: up applies all, and down leaves no fence", async () => {
  for (const command of ["up", "down"]) {
    const run = start([command, "--yes", ...url]);
    run.child.stdout?.destroy();
    run.child.stderr?.destroy();
    expect((await run.outcome).code).toBe(0);
    const { rows } = await database.query("SELECT FROM pg_namespace WHERE nspname = 'authgraft'");
    expect(rows.length).toBe(command === "up" ? 1 : 0);
  }
});

/**
 * A run on a real pseudo-terminal, by the script(1) of util-linux or of BSD. Few machines are without it; what
 * is asked and answered is tested on streams in terminal.unit.test.ts as well.
 */
const SCRIPT = ["/usr/bin/script", "/bin/script"].filter((path) => existsSync(path)).slice(0, 1);

function onTerminal(script: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const command = [process.execPath, MAIN, ...args];
  const linux = ["-qec", command.map((part) => `'${part}'`).join(" "), "/dev/null"];
  const child = spawn(script, process.platform === "linux" ? linux : ["-q", "/dev/null", ...command], {
    env: { PATH: process.env.PATH, TERM: "xterm-256color", SHELL: "/bin/sh", ...environment },
  });
  return { ...follow(child), type: (text: string) => child.stdin.write(text) };
}

test.each(SCRIPT)("on a terminal (%s) up asks, no is no, Ctrl-C is 130, and yes does it", async (script) => {
  const declined = onTerminal(script, ["up", ...url], { NO_COLOR: "1" });
  await declined.until(/Apply this now\? \[y\/N\] /);
  declined.type("n\r");
  expect(await declined.outcome).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Nothing was changed."),
  });

  expect(declined.written()).not.toContain("\u001b");

  const stopped = onTerminal(script, ["up", ...url]);
  await stopped.until(/Apply this now\? \[y\/N\] /);
  stopped.type("\u0003");
  expect(await stopped.outcome).toMatchObject({
    code: 130,
    stdout: expect.stringContaining("nothing was changed"),
  });
  expect((await authgraft(["status", ...url])).stdout).toContain("not grafted");

  const confirmed = onTerminal(script, ["up", ...url]);
  await confirmed.until(/Apply this now\? \[y\/N\] /);
  confirmed.type("y\r");
  const { code, stdout } = await confirmed.outcome;
  expect(code).toBe(0);
  // Coloured, redrawn in its place, and each step with the time it took.
  expect(stdout).toContain("\u001b[32mDone: 14 steps.\u001b[39m");
  const lines = stdout.split("\r\u001b[2K").map(stripVTControlCharacters);
  expect(lines).toContain("  · Create the schema authgraft with the journal");
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}✓ Create the schema authgraft .* {2}[\d.]+ s/));
});
