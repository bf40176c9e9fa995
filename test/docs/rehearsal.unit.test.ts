import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dumpSample } from "../../src/embedded/samples/dump.ts";
import { GATES } from "../../src/migration/rehearse/gates/gate-record.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { isByHand } from "./support/by-hand.ts";
import { type OwnPostgres, startOwnPostgres } from "./support/own-postgres.ts";
import { blocksOf, sectionOf, tableRows } from "./support/pages.ts";
import { BUDGET } from "./support/placeholders.ts";
import { Shell } from "./support/shell.ts";

const PAGE = "docs/rehearsal.md";

/** What a block must print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "authgraft rehearse --dump": /✓ Up works on the data[\s\S]*Go: all 8 gates passed/,
  "authgraft rehearse --from-database": /Go: all 8 gates passed/,
  "authgraft up --require-rehearsal": /Done: \d+ steps\./,
};

/** Whole rehearsals, on a machine that may have others to run. */
const TIMEOUT = 180_000;

let postgres: OwnPostgres;
let directory: string;
let shell: Shell;

beforeAll(async () => {
  [directory, postgres] = await Promise.all([makeTestDirectory(), startOwnPostgres()]);
  writeFileSync(join(directory, "shop.sql"), [...dumpSample("b", { users: 200 })].join(""));
  writeFileSync(join(directory, "queries.sql"), "SELECT id, username FROM users WHERE id = $1;\n");
  const { PORT: _, ...environment } = process.env;
  shell = new Shell({ ...environment, DATABASE_URL: await postgres.makeSample("shop", "b") });
});

afterAll(async () => {
  await shell?.end();
  await postgres?.remove();
  await rm(directory, { recursive: true, force: true });
});

/** The command from the sources, and files that are a test's own. */
function fillIn(text: string): string {
  const files = text.replaceAll(/\b(?:shop|queries|rehearsal)\.\w+/g, (name) => `'${join(directory, name)}'`);
  const patient = files.replaceAll(/^authgraft (rehearse|up) /gm, `authgraft $1 ${BUDGET} `);
  return patient.replaceAll(/^authgraft /gm, `'${process.execPath}' src/cli/main.ts `);
}

describe(PAGE, () => {
  test("has every gate, in their order", () => {
    const shown = tableRows(sectionOf(PAGE, "## The gates")).map(([id = ""]) => id.replaceAll("`", ""));
    expect(shown).toEqual(Object.keys(GATES));
  });

  const blocks = blocksOf(PAGE).filter((block) => block.language === "sh" && !isByHand(block));

  test.for(blocks.map((block) => [block.text.trim(), block] as const))(
    "%s",
    { timeout: TIMEOUT },
    async ([, block]) => {
      const printed = await shell.run(block, fillIn(block.text));
      const start = Object.keys(PRINTS).find((text) => block.text.startsWith(text));
      expect(printed).toMatch(PRINTS[start ?? ""] ?? /^what the block must print$/);
    },
  );
});
