import { once } from "node:events";
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { confirm } from "../../src/cli/confirm.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { countFindings, printFindings } from "../../src/cli/print/findings.ts";
import { reportingSteps } from "../../src/cli/print/progress.ts";
import { createTerminal, wrap } from "../../src/cli/terminal.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { Finding } from "../../src/migration/finding.ts";
import type { Progress } from "../../src/migration/run/run-context.ts";
import { VERSION } from "../../src/migration/version.ts";

const XTERM = { TERM: "xterm-256color" };

/** A terminal over streams of the test's own, 80 columns wide. */
function fakeTerminal({ isTTY = true, environment = XTERM as NodeJS.ProcessEnv } = {}) {
  const getColorDepth = () => WriteStream.prototype.getColorDepth(environment);
  const stream = () => Object.assign(new PassThrough(), { isTTY, columns: 80, getColorDepth });
  const [stdin, stdout, stderr] = [stream(), stream(), stream()];
  const text = { stdout: "", stderr: "" };
  stdout.on("data", (chunk) => (text.stdout += chunk));
  stderr.on("data", (chunk) => (text.stderr += chunk));
  return { stdin, stderr, text, terminal: createTerminal({ stdin, stdout, stderr }) };
}

const finding: Finding = {
  code: "not_owner",
  severity: "refusal",
  acceptable: true,
  object: "public.users",
  message:
    "public.users belongs to ada, and bob is not a member of that role: only its owner can alter a table.",
  fix: 'GRANT "ada, the first owner of the table, of its indexes and of its sequences" TO "bob, who runs it";',
  evidence: null,
};

// Vitest sets it for itself.
beforeEach(() => void vi.stubEnv("FORCE_COLOR", undefined));
afterEach(() => void vi.unstubAllEnvs());

test("the version is the package's", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(VERSION).toBe(JSON.parse(text).version);
});

test("every kind of error has the exit code that the design gives it", () => {
  const kinds = {
    1: ["database_unreachable", "database_error", "migration_failed", "embedded_postgres_failed", "internal"],
    2: [
      "configuration_invalid",
      "usage_invalid",
      "address_unavailable",
      "secret_weak",
      "confirmation_required",
    ],
    3: ["refused", "not_grafted"],
    5: ["lock_timeout"],
    130: ["interrupted"],
  } as const;
  for (const [exit, codes] of Object.entries(kinds))
    for (const code of codes) expect({ code, exit: exitCodeOf(code) }).toEqual({ code, exit: Number(exit) });
});

test("text is wrapped at the width, and keeps the lines it has", () => {
  expect(wrap("one two three four", 9)).toBe("one two\nthree\nfour");
  expect(wrap("one:\n  two three four", 14, "--")).toBe("one:\n--  two three\n--  four");
});

test("a finding fits into the width, except for the statement that is to be copied", () => {
  const { terminal } = fakeTerminal({ isTTY: false });
  const lines = printFindings([finding], terminal).split("\n");
  const statement = lines.filter((line) => line.includes("GRANT"));
  expect(statement).toHaveLength(1);
  expect(statement[0]).toContain(finding.fix);
  for (const line of lines.filter((one) => !one.includes("GRANT")))
    expect(line.length).toBeLessThanOrEqual(100);
  expect(lines.at(-1)).toBe("      Or go on all the same: --accept not_owner");
  expect(countFindings([finding, { ...finding, severity: "warning" }], "refusal")).toBe(
    "1 refusal, 1 warning",
  );
});

test("colours go to a terminal only, and neither they nor redrawn lines where NO_COLOR is set", () => {
  const [on, off] = [fakeTerminal(), fakeTerminal({ isTTY: false })];
  const plain = fakeTerminal({ environment: { ...XTERM, NO_COLOR: "1" } });
  const dumb = fakeTerminal({ environment: { TERM: "dumb" } });
  for (const { terminal } of [on, off, plain, dumb]) {
    terminal.draw("waiting");
    terminal.print(terminal.style("red", "refused"));
  }
  expect(on.text).toEqual({
    stdout: "\u001b[31mrefused\u001b[39m\n",
    stderr: "\r\u001b[2Kwaiting\r\u001b[2K",
  });
  for (const { text } of [off, plain, dumb]) expect(text).toEqual({ stdout: "refused\n", stderr: "" });
});

test.each([
  ["y\n", true],
  ["YES\n", true],
  ["n\n", false],
  ["\n", false],
  ["certainly\n", false],
])("the answer %j means %s", async (answer, meant) => {
  const { stdin, text, terminal } = fakeTerminal();
  const asked = terminal.confirm("Apply this now?", new AbortController().signal);
  stdin.write(answer);
  expect(await asked).toBe(meant);
  expect(text.stderr).toContain("Apply this now? [y/N] ");
});

test("the end of the input is a no, and a signal ends the question", async () => {
  const ended = fakeTerminal();
  const asked = ended.terminal.confirm("Apply this now?", new AbortController().signal);
  ended.stdin.end();
  expect(await asked).toBe(false);
  const stop = new AbortController();
  const stopped = fakeTerminal().terminal.confirm("Apply this now?", stop.signal);
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
});

test("nobody is asked without a terminal, nor with --json, nor where --yes was said", async () => {
  const context = (isTTY: boolean, flags: { json?: boolean; yes?: boolean }) => ({
    databaseUrl: "",
    configuration: parseConfiguration({}),
    environment: {},
    terminal: fakeTerminal({ isTTY }).terminal,
    signal: new AbortController().signal,
    json: false,
    yes: false,
    ...flags,
  });
  const refused = { code: "confirmation_required", fix: "Say it with --yes: authgraft up --yes" };
  await expect(confirm(context(false, {}), "up", "Now?")).rejects.toMatchObject(refused);
  await expect(confirm(context(true, { json: true }), "up", "Now?")).rejects.toMatchObject(refused);
  expect(await confirm(context(false, { yes: true }), "up", "Now?")).toBe(true);
});

test("on a terminal a step is one line that is redrawn, and stands with its time once it is over", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stderr, text, terminal } = fakeTerminal();
  await reportingSteps(terminal, false, async (report) => {
    report("Build the index", "step");
    await vi.advanceTimersByTimeAsync(2_000);
    report("waiting for a moment: held by pid 4711", "detail");
    await vi.advanceTimersByTimeAsync(1_000);
    report("Tie the tables", "step");
  });
  vi.useRealTimers();
  stderr.end();
  await once(stderr, "end");
  const drawn = text.stderr.split("\r\u001b[2K");
  expect(drawn).toContain("  · Build the index");
  expect(drawn).toContain("  · Build the index  2.0 s");
  expect(drawn).toContain("  · Build the index  3.0 s  waiting for a moment: held by pid 4711");
  const finished = drawn.filter((line) => line.endsWith("\n")).join("");
  expect(stripVTControlCharacters(finished)).toBe("  ✓ Build the index  3.0 s\n  ✓ Tie the tables  0.0 s\n");
});

test("in a log a step is a line, a long one says its time, and a wait is not repeated every moment", async () => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stderr, text, terminal } = fakeTerminal({ isTTY: false });
  const work = async (report: Progress) => {
    report("Build the index", "step");
    for (const second of [1, 2, 3]) {
      report(`waiting for a moment: held by pid 4711 for ${second} s`, "detail");
      await vi.advanceTimersByTimeAsync(1_000);
    }
    report("Tie the tables", "step");
    throw new Error("the server has gone");
  };
  await expect(reportingSteps(terminal, false, work)).rejects.toThrow("the server has gone");
  vi.useRealTimers();
  stderr.end();
  await once(stderr, "end");
  expect(text.stderr.split("\n")).toEqual([
    "  · Build the index",
    "    waiting for a moment: held by pid 4711 for 1 s",
    "    took 3.0 s",
    "  · Tie the tables",
    "",
  ]);
});

test("nothing is told to a machine that asked for JSON", async () => {
  const { text, terminal } = fakeTerminal();
  await reportingSteps(terminal, true, async (report) => report("Build the index", "step"));
  expect(text).toEqual({ stdout: "", stderr: "" });
});
