import { describe, expect, test } from "vitest";
import { ACCEPTABLE_CODES } from "../../src/migration/findings/acceptance.ts";
import { findingCodes } from "./support/finding-codes.ts";
import { readPage, tableRows } from "./support/pages.ts";

const documented = tableRows(readPage("docs/findings.md")).map(
  ([code = "", kind = "", meaning = "", remedy = ""]) => ({
    code: code.replaceAll("`", ""),
    kind,
    meaning,
    remedy,
  }),
);

const known = findingCodes();

describe("docs/findings.md", () => {
  test("has every code of a finding, once, and no other", () => {
    expect(known.length).toBeGreaterThan(80);
    expect(documented.map(({ code }) => code).sort()).toEqual(known.map(({ code }) => code).sort());
  });

  test("says which refusals can be accepted", () => {
    const acceptable = documented.filter(({ kind }) => kind.endsWith(", acceptable")).map(({ code }) => code);
    expect(acceptable.sort()).toEqual([...ACCEPTABLE_CODES].sort());
  });

  test.for(known)("says whether $code stops anything", ({ code, severities }) => {
    const kind = documented.find((row) => row.code === code)?.kind ?? "";
    expect(kind).toMatch(/^(refusal|warning|refusal or warning)(, acceptable)?$/);
    for (const severity of severities) expect(kind).toContain(severity);
    if (severities.size === 1) expect(kind).not.toContain(" or ");
  });

  test.for(documented)("says of $code what it means and what to do", ({ meaning, remedy }) => {
    expect(meaning).not.toBe("");
    expect(remedy).not.toBe("");
  });
});
