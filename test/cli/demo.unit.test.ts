import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTestDirectory } from "../support/directory.ts";
import { authgraft, type Running, start } from "./command-line.ts";

// One demo through several starts, in the order of the tests: its data is kept from one to the next.
let home: string;
let port: number;

beforeAll(async () => {
  home = await makeTestDirectory();
  port = await twoFreePorts();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The first of two ports next to each other on which nobody listens. */
async function twoFreePorts(): Promise<number> {
  const [first, second] = [createServer(), createServer()];
  await once(first.listen(0, "127.0.0.1"), "listening");
  const { port: found } = first.address() as AddressInfo;
  const next = once(second.listen(found + 1, "127.0.0.1"), "listening").then(
    () => true,
    () => false,
  );
  const free = await next;
  first.close();
  second.close();
  return free ? found : twoFreePorts();
}

function startDemo(): Running {
  return start(["demo", "--directory", home, "--port", String(port), "--users", "300"]);
}

/** What is printed to be tried, line by line. */
function linesToTry(written: string): string[] {
  return written.split("\n").filter((line) => /^(curl|TOKEN=)/.test(line));
}

const HAS_CURL = spawnSync("curl", ["--version"]).error === undefined;

/** Runs the lines as a person would, in one shell; where there is no curl, asks what they ask. */
async function tryThem(lines: readonly string[]): Promise<string[]> {
  if (!HAS_CURL) return askThem(lines);
  const script = lines.join("\necho '---'\n");
  const { stdout } = await promisify(execFile)("sh", ["-c", script]);
  return stdout.split("---").map((answer) => answer.trim());
}

async function askThem(lines: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  let token = "";
  for (const line of lines) {
    const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
    const after = (flag: string) => words[words.indexOf(flag) + 1] ?? "";
    const [name = "", value = ""] = after("-H").replace("$TOKEN", token).split(": ");
    const body = words.includes("-d") ? { body: after("-d") } : {};
    const method = words.includes("-d") || words.includes("-X") ? "POST" : "GET";
    const url = words.find((word) => word.startsWith("http")) ?? "";
    const response = await fetch(url, { method, headers: { [name]: value }, ...body });
    const text = await response.text();
    if (line.startsWith("TOKEN=")) token = JSON.parse(text).token;
    answers.push(line.startsWith("TOKEN=") ? "" : text || String(response.status));
  }
  return answers;
}

/** As the text says: with the file that the secret is in, on each of the databases. */
async function expectKeysListed(written: string): Promise<void> {
  const [, file = ""] = /AUTHGRAFT_SECRET_FILE=(.*) as well/.exec(written) ?? [];
  const urls = written.split("\n").filter((line) => line.startsWith("postgres"));
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    const environment = { AUTHGRAFT_SECRET_FILE: file };
    const listed = await authgraft(["keys", "list", "--json", "--database-url", url], { environment });
    expect(listed.json()).toMatchObject({ keys: [{ state: "current" }] });
  }
}

function postgresRuns(): boolean {
  return existsSync(join(home, "postgres", "postmaster.pid"));
}

test("the demo says that a port is taken before it starts anything: 2", async () => {
  const taken = createServer().listen(port + 1, "127.0.0.1");
  await once(taken, "listening");
  const { code, said, stdout } = await startDemo().outcome;
  taken.close();
  await once(taken, "close");
  expect(code).toBe(2);
  expect(said).toContain(`Cannot listen on 127.0.0.1:${port + 1}: another process listens there.`);
  expect(stdout).toBe("");
  expect(existsSync(join(home, "postgres"))).toBe(false);
  const wrong = await authgraft(["demo", "--directory", home], { environment: { PORT: "eighty" } });
  expect(wrong.code).toBe(2);
  expect(wrong.said).toContain('PORT is "eighty", which is not a port.');
});

test("Ctrl-C while a sample is loaded stops PostgreSQL too, and is no failure", async () => {
  const running = startDemo();
  await running.until(/loading 300 users/);
  expect(postgresRuns()).toBe(true);
  running.child.kill("SIGINT");
  const { code, stdout } = await running.outcome;
  expect(code).toBe(0);
  expect(stdout).not.toContain("curl");
  expect(postgresRuns()).toBe(false);
});

test("the first start grafts both samples and serves them, and the lines it prints work", async () => {
  const running = startDemo();
  await running.until(/Ctrl-C stops everything/);
  const text = running.written();
  expect(text).toMatch(/Sample A[\s\S]*14 steps to do[\s\S]*applied[\s\S]*Sample B[\s\S]*14 steps to do/);
  const lines = linesToTry(text);
  expect(lines).toHaveLength(8);
  const [registered, , me, sessions, out, refused, existingB, existingA] = await tryThem(lines);
  expect(JSON.parse(registered ?? "")).toMatchObject({
    token: expect.any(String),
    user: { username: "newcomer", email: "newcomer@example.com", auth_provider: "email" },
  });
  expect(JSON.parse(me ?? "")).toMatchObject({ user: { username: "newcomer" } });
  expect(JSON.parse(sessions ?? "")).toMatchObject({ sessions: expect.any(Array) });
  expect(out).toBe("204");
  expect(JSON.parse(refused ?? "")).toMatchObject({ status: 401, code: "invalid_token" });
  for (const answer of [existingB, existingA])
    expect(JSON.parse(answer ?? "")).toMatchObject({ token: expect.any(String), user: expect.any(Object) });
  await expectKeysListed(text);
  running.child.kill("SIGINT");
  expect((await running.outcome).code).toBe(0);
  expect(postgresRuns()).toBe(false);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});

test("the second start loads and grafts nothing, and the lines work again, but the email is taken", async () => {
  const running = startDemo();
  await running.until(/Ctrl-C stops everything/);
  expect(running.written()).not.toMatch(/loading|steps to do/);
  const answers = await tryThem(linesToTry(running.written()));
  const [registered, , me, sessions, out, refused, existingB, existingA] = answers;
  expect(JSON.parse(registered ?? "")).toMatchObject({ status: 409 });
  expect(JSON.parse(me ?? "")).toMatchObject({ user: { username: "newcomer" } });
  expect(JSON.parse(sessions ?? "")).toMatchObject({ sessions: expect.any(Array) });
  expect(out).toBe("204");
  expect(JSON.parse(refused ?? "")).toMatchObject({ status: 401 });
  for (const answer of [existingB, existingA]) expect(JSON.parse(answer ?? "")).toHaveProperty("token");
  // What a machine that fails would do.
  running.child.kill("SIGKILL");
  await running.outcome;
});

test("after it was killed it starts again, and SIGTERM ends it as Ctrl-C does", async () => {
  const running = startDemo();
  await running.until(/Ctrl-C stops everything/);
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  running.child.kill("SIGTERM");
  expect((await running.outcome).code).toBe(0);
  expect(postgresRuns()).toBe(false);
});
