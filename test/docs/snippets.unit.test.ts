import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { up } from "../../src/migration/up.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { freePort } from "./support/free-port.ts";
import { type OwnPostgres, startOwnPostgres } from "./support/own-postgres.ts";
import { ROOT } from "./support/pages.ts";
import { listens, makeSnippetProject, type SnippetProject, snippets } from "./support/snippets.ts";

/** What lets a program import `authgraft` from the checkout. */
const FROM_SOURCE = pathToFileURL(join(ROOT, "scripts/support/authgraft-from-source.ts")).href;

let postgres: OwnPostgres;
let project: SnippetProject;
let databaseUrl: string;

beforeAll(async () => {
  [project, postgres] = await Promise.all([makeSnippetProject(), startOwnPostgres()]);
  databaseUrl = await postgres.makeSample("app", "b");
  await up({ databaseUrl });
});

afterAll(async () => {
  await project?.remove();
  await postgres?.remove();
});

describe("the TypeScript in the pages", () => {
  test("is taken by the compiler", { timeout: 120_000 }, async () => {
    expect(snippets().length).toBeGreaterThan(3);
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout } = await promisify(execFile)(process.execPath, [
      compiler,
      "--project",
      project.directory,
    ]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });

  const programs = snippets().filter(listens);

  test.for(programs.map((block) => [`${block.page}:${block.line}`, block] as const))(
    "serves sign-in where it says it does: %s",
    async ([, block]) => {
      const port = await freePort();
      const path = await project.writeProgram(block, port);
      const child = spawn(process.execPath, ["--import", FROM_SOURCE, path], {
        env: { ...process.env, DATABASE_URL: databaseUrl, AUTHGRAFT_SECRET: TEST_SECRET },
        stdio: ["ignore", "inherit", "inherit"],
      });
      const ended = once(child, "exit");
      try {
        expect(await statusOf(`http://localhost:${port}/v1/users/me`)).toBe(401);
        if (block.text.includes('"/orders"'))
          expect(await statusOf(`http://localhost:${port}/orders`)).toBe(401);
      } finally {
        child.kill();
        await ended;
      }
    },
  );

  test("includes programs", () => expect(programs.length).toBeGreaterThan(1));
});

/** The status of an answer, once there is one. */
async function statusOf(url: string): Promise<number> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response.status;
    await sleep(50);
  }
}
