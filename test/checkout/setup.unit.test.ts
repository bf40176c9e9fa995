import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

const SETUP = resolve(import.meta.dirname, "../../scripts/setup.cjs");
const HERE = { os: [process.platform], cpu: [process.arch], optional: true };
const ELSEWHERE = { os: ["plan9"], cpu: [process.arch], optional: true };

/** Stands in for npm: notes that it was called, and installs what its first lines say. */
const NPM = `
const fs = require("node:fs");
const { installs, fails, takes, node } = JSON.parse(fs.readFileSync("npm-behaviour.json", "utf8"));
fs.appendFileSync("npm-calls.txt", process.argv.slice(2, 3) + "\\n");
if (fails) { console.error("npm error network"); process.exit(1); }
setTimeout(() => {
  fs.rmSync("node_modules", { recursive: true, force: true });
  fs.mkdirSync("node_modules/.bin", { recursive: true });
  if (node === undefined) fs.symlinkSync(process.execPath, "node_modules/.bin/node");
  else fs.writeFileSync("node_modules/.bin/node", node, { mode: 0o755 });
  fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: installs }));
}, takes ?? 0);
`;

let checkout: string;

async function lock(packages: object): Promise<void> {
  await writeFile(join(checkout, "package-lock.json"), JSON.stringify({ packages }));
}

async function npmInstalls(behaviour: {
  installs?: object;
  fails?: boolean;
  takes?: number;
  node?: string;
}): Promise<void> {
  await writeFile(join(checkout, "npm-behaviour.json"), JSON.stringify(behaviour));
}

function setUp(): Promise<{ code: number; stdout: string; said: string }> {
  const env = { ...process.env, npm_execpath: join(checkout, "npm.cjs") };
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string; said: string }>();
  execFile(process.execPath, [join(checkout, "scripts/setup.cjs")], { env }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, said: stderr });
  });
  return promise;
}

async function npmCalls(): Promise<string[]> {
  const calls = await readFile(join(checkout, "npm-calls.txt"), "utf8").catch(() => "");
  return calls.split("\n").filter((line) => line !== "");
}

const PACKAGES = { "": {}, "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } };

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "authgraft-setup-"));
  onTestFinished(() => rm(checkout, { recursive: true }));
  await mkdir(join(checkout, "scripts"));
  await copyFile(SETUP, join(checkout, "scripts/setup.cjs"));
  await writeFile(join(checkout, "npm.cjs"), NPM);
  await lock(PACKAGES);
  await npmInstalls({ installs: PACKAGES });
});

describe("what runs before every npm script", () => {
  test("installs in a fresh clone, says so, and keeps out of the command's own output", async () => {
    const { code, stdout, said } = await setUp();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(said).toContain("Installing dependencies (first run, about a minute)");
    expect(await npmCalls()).toEqual(["ci"]);
  });

  test("says and does nothing where all is in place", async () => {
    await setUp();
    expect(await setUp()).toEqual({ code: 0, stdout: "", said: "" });
    expect(await npmCalls()).toEqual(["ci"]);
  });

  test("installs again when package-lock.json has changed", async () => {
    await setUp();
    const changed = { ...PACKAGES, "node_modules/a": { version: "1.0.1", integrity: "sha512-b" } };
    await lock(changed);
    await npmInstalls({ installs: changed });
    expect(await setUp()).toMatchObject({ code: 0, said: expect.stringContaining("up to date") });
    expect(await npmCalls()).toEqual(["ci", "ci"]);
  });

  test("installs again after an install that was killed halfway", async () => {
    await mkdir(join(checkout, "node_modules/a"), { recursive: true });
    expect(await setUp()).toMatchObject({ code: 0 });
    expect(await npmCalls()).toEqual(["ci"]);
  });

  test("takes an install done by hand for what it is", async () => {
    await mkdir(join(checkout, "node_modules"));
    await writeFile(
      join(checkout, "node_modules/.package-lock.json"),
      JSON.stringify({ packages: PACKAGES }),
    );
    expect(await setUp()).toEqual({ code: 0, stdout: "", said: "" });
    expect(await npmCalls()).toEqual([]);
  });

  test("shows npm's own message when npm fails, and what to do, and tries afresh the next time", async () => {
    await npmInstalls({ fails: true });
    const { code, said } = await setUp();
    expect(code).toBe(1);
    expect(said).toContain("npm error network");
    expect(said).toContain("run the same command again");
    await npmInstalls({ installs: PACKAGES });
    expect(await setUp()).toMatchObject({ code: 0 });
  });

  test("names a package of this platform that npm left out, and does not miss another platform's", async () => {
    await lock({ ...PACKAGES, "node_modules/b-here": HERE, "node_modules/b-elsewhere": ELSEWHERE });
    const { code, said } = await setUp();
    expect(code).toBe(1);
    expect(said).toContain("npm left out node_modules/b-here, as");
  });

  test("of two commands started at once, one installs and the other waits", async () => {
    await npmInstalls({ installs: PACKAGES, takes: 500 });
    const both = await Promise.all([setUp(), setUp()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ said }) => said).join("")).toContain("Waiting for another command");
    expect(await npmCalls()).toEqual(["ci"]);
  });

  test("does not wait for a command that was killed while it installed", async () => {
    await writeFile(join(checkout, ".authgraft-setup.lock"), "999999999");
    expect(await setUp()).toMatchObject({ code: 0 });
  });

  test("uses the machine's own Node.js where the one from npm does not run", async () => {
    await npmInstalls({ installs: PACKAGES, node: "#!/no/such/loader\n" });
    const { code, said } = await setUp();
    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringContaining("Using this machine's Node.js"),
    });
  });

  test("says which Node.js to install where there is none new enough", async () => {
    await npmInstalls({ installs: PACKAGES, node: "#!/bin/sh\necho v20.1.0\n" });
    const { code, said } = await setUp();
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining("Install Node.js 24") });
  });
});
