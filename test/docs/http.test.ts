import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { DEMO_ADMIN_KEY, startDemoServer } from "./support/demo-server.ts";
import { type Block, blocksOf, ROOT, sectionOf, tableRows } from "./support/pages.ts";
import { makePrograms, type Programs } from "./support/programs.ts";
import { Shell } from "./support/shell.ts";

const PAGE = "docs/http.md";

/** What differs from one answer to the next. */
const VARYING: readonly string[] = [
  ...["id", "token", "refresh_token", "user_agent"],
  ...["created_at", "last_used_at", "expires_at"],
];

let programs: Programs;
let server: RunningServer;
let shell: Shell;

beforeAll(async () => {
  programs = await makePrograms();
  server = await startDemoServer((await createTestDatabase({ sample: "b" })).url);
  shell = new Shell({
    ...process.env,
    PATH: programs.path,
    AUTHGRAFT_TEST_STATUSES: programs.statuses,
    ADMIN_API_KEY: DEMO_ADMIN_KEY,
  });
});

afterAll(async () => {
  await shell?.end();
  await server?.close();
  await programs?.remove();
});

describe("docs/http.md", () => {
  const blocks = blocksOf(PAGE);
  const examples = blocks
    .map((block, index) => ({ block, answer: blocks[index + 1], line: block.line }))
    .filter(({ block }) => block.language === "sh");

  test.for(examples)("the request of line $line is answered as it says", async ({ block, answer }) => {
    const printed = await shell.run(block, block.text.replaceAll("http://localhost:8080", server.url));
    if (answer?.language !== "json") return expect(printed).toBe("");
    expect(masked(printed)).toEqual(masked(answer.text));
    expect(lastStatus()).toBe(statusOf(answer));
  });

  test("has every route, and no other", async () => {
    const response = await fetch(`${server.url}/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    const served = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = tableRows(blocksLess("# HTTP")).filter(([method]) =>
      /^(GET|POST|PATCH|DELETE)$/.test(method ?? ""),
    );
    const documented = routes.map(([method, path]) => `${method} ${path?.replaceAll("`", "")}`);
    expect(documented.toSorted()).toEqual(served.toSorted());
  });

  test("has every code of an error, with its status", () => {
    const documented = tableRows(sectionOf(PAGE, "## Errors")).map(
      ([code = "", status]) => `${status} ${code.replaceAll("`", "")}`,
    );
    expect(documented.toSorted()).toEqual(problemsOfSource().toSorted());
  });
});

function blocksLess(heading: string): string {
  return sectionOf(PAGE, heading).split("\n## ")[0] ?? "";
}

function statusOf({ words }: Block): string | undefined {
  return words[0];
}

function lastStatus(): string | undefined {
  return readFileSync(programs.statuses, "utf8").trim().split("\n").at(-1);
}

function masked(text: string): unknown {
  return JSON.parse(text, (key, value) => (VARYING.includes(key) ? typeof value : value));
}

/** `status code`, for every problem that src/http makes. */
function problemsOfSource(): string[] {
  const directory = join(ROOT, "src/http");
  const sources = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("\n");
  const tabled = [...sources.matchAll(/^ {2}([a-z_]+): (\d{3}),$/gm)].map(
    ([, code, status]) => `${status} ${code}`,
  );
  const written = [...sources.matchAll(/status: (\d{3}),\s*code: "([a-z_]+)"/g)].map(
    ([, status, code]) => `${status} ${code}`,
  );
  const unavailable = [...sources.matchAll(/unavailable\("([a-z_]+)"\)/g)].map(([, code]) => `503 ${code}`);
  return [...new Set([...tabled, ...written, ...unavailable])];
}
