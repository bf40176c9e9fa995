import { cpSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OUTCOMES } from "../../src/accounts/import/import-report.ts";
import { ROLES } from "../../src/accounts/import/source/roles.ts";
import { up } from "../../src/migration/up.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { OWNER } from "../support/owner.ts";
import { type OwnPostgres, startOwnPostgres } from "./support/own-postgres.ts";
import { blocksOf, ROOT, sectionOf, tableRows } from "./support/pages.ts";
import { Shell } from "./support/shell.ts";

const PAGE = "docs/import.md";

/** What a block must print, by what it says. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "--yes": /CSV, 3 rows, matched by email[\s\S]*Nothing was written[\s\S]*Done: 3 rows written\./,
  "--column email=E-Mail": /1 {2}users with nothing to change/,
  "--match username": /matched by username/,
  "damaged.csv": /9 {2}rows that do not fit/,
  "firebase.json": /Firebase's export, JSON, 2 rows[\s\S]*passwords\.legacy\.firebaseSignerKey/,
  "--hash-pepper-env": /passwords\.legacy\.pepper/,
};

let postgres: OwnPostgres;
let directory: string;
let shell: Shell;

beforeAll(async () => {
  [directory, postgres] = await Promise.all([makeTestDirectory(), startOwnPostgres()]);
  const files = join(ROOT, "test/accounts/import/files");
  for (const name of ["users.csv", "firebase.json", "firebase-params.txt"])
    cpSync(join(files, name), join(directory, name));
  cpSync(join(files, "bad.csv"), join(directory, "damaged.csv"));
  writeFileSync(join(directory, "export.csv"), "E-Mail,pw,last_login\nADA@example.com,,yesterday\n");
  const { PORT: _, ...environment } = process.env;
  shell = new Shell({ ...environment, DATABASE_URL: await makeTable() });
});

/** A table of users without sign-in, grafted. */
async function makeTable(): Promise<string> {
  await run(postgres.url, `CREATE DATABASE people OWNER ${OWNER.name}`);
  const url = postgres.urlOf("people");
  await run(
    url,
    "CREATE TABLE users (id bigserial PRIMARY KEY, username varchar(50) UNIQUE, display_name varchar(100))",
  );
  await up({ databaseUrl: url });
  return url;
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

afterAll(async () => {
  await shell?.end();
  await postgres?.remove();
  await rm(directory, { recursive: true, force: true });
});

/** The command from the sources, and files that are a test's own. */
function fillIn(text: string): string {
  const files = text.replaceAll(
    /(?<=[ =])[\w-]+\.(?:csv|json|txt)\b/g,
    (name) => `'${join(directory, name)}'`,
  );
  return files.replaceAll(/\bauthgraft (?=users)/g, `'${process.execPath}' src/cli/main.ts `);
}

describe(PAGE, () => {
  test("has every role and every outcome", () => {
    const firstCells = (heading: string) => tableRows(sectionOf(PAGE, heading)).map(([cell = ""]) => cell);
    const named = firstCells("## Roles").flatMap((cell) => cell.replaceAll("`", "").split(", "));
    expect(named.toSorted()).toEqual(ROLES.toSorted());
    expect(firstCells("## Which user a row is")).toEqual(OUTCOMES.map((outcome) => `\`${outcome}\``));
  });

  const blocks = blocksOf(PAGE).filter((block) => block.language === "sh");

  test.for(blocks.map((block) => [block.text.trim(), block] as const))("%s", async ([, block]) => {
    const printed = await shell.run(block, fillIn(block.text));
    const says = Object.keys(PRINTS).find((text) => block.text.includes(text));
    expect(printed).toMatch(PRINTS[says ?? ""] ?? /^what the block must print$/);
  });
});
