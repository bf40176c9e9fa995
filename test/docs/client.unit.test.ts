import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
import { startDemoServer } from "./support/demo-server.ts";
import { type OwnPostgres, startOwnPostgres } from "./support/own-postgres.ts";
import { blocksOf, ROOT } from "./support/pages.ts";
import { makeSnippetProject, type SnippetProject } from "./support/snippets.ts";

const FROM_SOURCE = pathToFileURL(join(ROOT, "scripts/support/authgraft-from-source.ts")).href;

let postgres: OwnPostgres;
let server: RunningServer;
let project: SnippetProject;

beforeAll(async () => {
  [project, postgres] = await Promise.all([makeSnippetProject(), startOwnPostgres()]);
  server = await startDemoServer(await postgres.makeSample("app", "b"));
});

afterAll(async () => {
  await project?.remove();
  await server?.close();
  await postgres?.remove();
});

describe("docs/client.md", () => {
  const [program, printed] = blocksOf("docs/client.md").filter(({ words }) => words.includes("client"));

  test("has a program that prints what it says", async () => {
    if (program === undefined || printed === undefined) throw new Error("there is no program");
    const text = program.text.replaceAll("http://localhost:8080", server.url);
    const path = await project.writeProgram({ ...program, text }, server.port);
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", FROM_SOURCE, path]);
    expect(stdout).toBe(printed.text);
  });
});
