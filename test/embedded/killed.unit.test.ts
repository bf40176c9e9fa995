import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { findPostgresBinaries } from "../../src/embedded/binaries.ts";
import { isProcessAlive, isRoot, run, unprivilegedAccount } from "../../src/embedded/platform.ts";
import { readPostmaster } from "../../src/embedded/postmaster.ts";
import { ask, start, temporaryDirectory } from "./places.ts";

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly pid: number;
}

function startElsewhere(dataDirectory: string, then: "wait" | "end"): ChildProcess {
  const script = fileURLToPath(new URL("./start-and-wait.ts", import.meta.url));
  const child = spawn(process.execPath, [script, dataDirectory, then], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function startedElsewhere(dataDirectory: string, then: "wait" | "end"): Promise<Started> {
  const child = startElsewhere(dataDirectory, then);
  if (child.stdout === null) throw new Error("no pipe to the child process");
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, ...JSON.parse(String(line)) };
}

describe("a server whose process", () => {
  test("is killed outright ends by itself, and the next start has its data", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const killed = await startedElsewhere(dataDirectory, "wait");
    await ask(killed.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    killed.child.kill("SIGKILL");
    await vi.waitFor(() => expect(isProcessAlive(killed.pid)).toBe(false), { timeout: 60_000 });
    const next = await start({ dataDirectory });
    expect(await ask(next.url, "SELECT * FROM kept")).toEqual([{ answer: 42 }]);
  });

  test("is killed and started again at once is waited for", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const killed = await startedElsewhere(dataDirectory, "wait");
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    const next = await start({ dataDirectory });
    expect(await ask(next.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await vi.waitFor(() => expect(isProcessAlive(killed.pid)).toBe(false), { timeout: 60_000 });
  });

  test("ends without stopping it ends too, and does not keep the process from ending", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const { child, pid } = await startedElsewhere(dataDirectory, "end");
    const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
    expect(code).toBe(0);
    await vi.waitFor(() => expect(isProcessAlive(pid)).toBe(false), { timeout: 60_000 });
  });
});

describe("a start on a data directory", () => {
  test("on which an abandoned server runs stops that one cleanly", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const first = await start({ dataDirectory });
    await first.stop();
    const { pgCtl } = await findPostgresBinaries(18);
    const account = isRoot() ? await unprivilegedAccount() : undefined;
    // No record says for whom it runs.
    const options = `-c unix_socket_directories='' -c listen_addresses=127.0.0.1 -p ${first.port}`;
    const flags = ["start", "-D", dataDirectory, "-w", "-l", "/dev/null", "-o", options];
    expect(await run(pgCtl, flags, account)).toMatchObject({ exitCode: 0 });
    const pid = (await readPostmaster(dataDirectory))?.pid ?? 0;
    expect(isProcessAlive(pid)).toBe(true);
    const server = await start({ dataDirectory });
    expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(server.pid).not.toBe(pid);
    await vi.waitFor(() => expect(isProcessAlive(pid)).toBe(false), { timeout: 60_000 });
  });

  test("whose postmaster.pid names a process that is none of PostgreSQL's starts all the same", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const first = await start({ dataDirectory });
    await first.stop();
    await writeFile(join(first.dataDirectory, "postmaster.pid"), `${process.pid}\n${first.dataDirectory}\n`);
    const second = await start({ dataDirectory });
    expect(await ask(second.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("of a start that was killed while it made the directory begins anew", async () => {
    const parent = await temporaryDirectory();
    const child = startElsewhere(join(parent, "data"), "wait");
    while (!(await readdir(parent)).some((name) => name.includes("unfinished"))) await sleep(5);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await readdir(parent)).not.toContain("data");
    const server = await start({ dataDirectory: join(parent, "data") });
    expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("clears away what a dead start left half made, and nothing of a living one", async () => {
    const parent = await temporaryDirectory();
    const dead = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(dead, "exit");
    await mkdir(join(parent, `data.unfinished-${dead.pid}-0badcafe`));
    await mkdir(join(parent, `data.unfinished-${process.ppid}-0badcafe`));
    await start({ dataDirectory: join(parent, "data") });
    expect((await readdir(parent)).sort()).toEqual(["data", `data.unfinished-${process.ppid}-0badcafe`]);
  });
});
