import { describe, expect, test } from "vitest";
import { PASSWORD_FORMATS } from "../../src/passwords/registry.ts";
import type { HashFault } from "../../src/passwords/stored-hash.ts";
import { boundsTable, formatsTable, replaceBetween } from "./support/formats-table.ts";
import { ROOT, readPage, sectionOf, tableRows } from "./support/pages.ts";

const PAGE = "docs/passwords.md";

/** Each fault once: the compiler sees to it that none is missing. */
const FAULTS: Readonly<Record<HashFault, true>> = {
  unknown: true,
  malformed: true,
  "too-costly": true,
  unusable: true,
  refused: true,
  incomplete: true,
};

describe("docs/passwords.md", () => {
  // Should this fail: `npm test -- test/docs/passwords --update` writes the tables anew.
  test("has the formats and their bounds as the registry has them", async () => {
    const page = replaceBetween(readPage(PAGE), "formats", formatsTable(PASSWORD_FORMATS));
    const whole = replaceBetween(page, "bounds", boundsTable(PASSWORD_FORMATS));
    await expect(whole).toMatchFileSnapshot(`${ROOT}/${PAGE}`);
  });

  test("says what each fault means", () => {
    const documented = tableRows(sectionOf(PAGE, "## What is not verified")).map(([name = ""]) =>
      name.replaceAll("`", ""),
    );
    expect(documented.sort()).toEqual(Object.keys(FAULTS).sort());
  });
});
