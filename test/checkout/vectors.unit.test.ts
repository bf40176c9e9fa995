import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkVectors, tell } from "../../scripts/vectors/check.ts";
import { parseVectors } from "../../scripts/vectors/rows.ts";

const MAIN = resolve(import.meta.dirname, "../../scripts/vectors/main.ts");
const directory = mkdtempSync(join(tmpdir(), "authgraft-vectors-"));
afterAll(() => rmSync(directory, { recursive: true }));

// MD5 of "password" is known to everybody.
const GOOD = {
  kind: "correct",
  format: "hex_md5",
  password: "password",
  hash: "5f4dcc3b5aa765d61d8327deb882cf99",
  source: "md5sum",
};
const rows = (...list: readonly object[]) => parseVectors(JSON.stringify(list));

/** Runs the command as npm does, on a file of that text. */
function run(text: string) {
  const file = join(directory, "vectors.json");
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, file], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("a file of vectors", () => {
  test("ends with the counts, and with the rows that failed before them", () => {
    const { status, stdout } = run(JSON.stringify([GOOD, { ...GOOD, password: "another" }]));
    expect(stdout).toMatch(/FAILED {2}row 2 {2}correct {2}hex_md5 .* → no-match\n1 passed, 1 failed\n$/);
    expect(status).toBe(1);
    expect(run(JSON.stringify([GOOD]))).toEqual({ status: 0, stdout: "1 passed, 0 failed\n", stderr: "" });
  });

  test.each([
    ["no JSON", "It is no JSON"],
    ["{}", "It is no list of rows"],
    [JSON.stringify([GOOD, { ...GOOD, hash: undefined }]), "Row 2: hash:"],
    [JSON.stringify([{ ...GOOD, password: undefined }]), "Row 1: password: a correct one needs it"],
    [JSON.stringify([{ ...GOOD, password_hex: "xyz" }]), "Row 1: password_hex: pairs of hexadecimal digits"],
    [
      JSON.stringify([{ ...GOOD, settings: { peper: "x" } }]),
      'Row 1: settings: configuration: unknown key "peper"',
    ],
  ])("%s is told with what is wrong, and ends with 2", (text, message) => {
    const { status, stderr } = run(text);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  test("that is not there is told as such", () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "none.json"], { encoding: "utf8" });
    expect(stderr).toContain("none.json: there is no such file");
    expect(status).toBe(2);
  });
});

describe("each kind of vector", () => {
  test.each([
    [{ ...GOOD, hash: "$2b$04$tooshort" }, "malformed", false],
    [{ ...GOOD, kind: "malformed", hash: "$2b$04$tooshort" }, "malformed", true],
    [{ ...GOOD, kind: "malformed" }, "matches", false],
    [{ ...GOOD, kind: "unidentified", hash: "nobody's" }, "unknown", true],
    [{ ...GOOD, kind: "unusable", hash: "!" }, "unusable", true],
    [{ ...GOOD, kind: "unusable" }, "matches", false],
    [{ ...GOOD, settings: { unsalted: "refuse" } }, "refused", false],
    [{ ...GOOD, password: undefined, password_hex: "70617373776f7264" }, "matches", true],
  ])("%o", (row, outcome, passed) => {
    expect(checkVectors(rows(row), [])).toMatchObject([{ outcome, passed }]);
  });
});

describe("the reviewed list of exceptions", () => {
  const exception = { hash: GOOD.hash, outcome: "matches", reason: "a reason" } as const;
  const malformed = rows({ ...GOOD, kind: "malformed" });

  test("makes a row pass, and is told with its reason", () => {
    const verdicts = checkVectors(malformed, [exception]);
    expect(tell(verdicts)).toEqual([
      expect.stringMatching(/^exception {2}row 1 .* → matches; a reason$/),
      "1 passed, 0 failed",
    ]);
  });

  test("fails where something else comes of the row, or where it is no longer needed", () => {
    expect(tell(checkVectors(malformed, [{ ...exception, outcome: "unknown" }])).at(-2)).toContain(
      "the exception says unknown",
    );
    expect(tell(checkVectors(rows(GOOD), [exception])).at(-2)).toContain("no longer needed");
  });

  test("is nothing to a file that has no such row", () => {
    expect(tell(checkVectors(rows(GOOD), [{ ...exception, hash: "other" }]))).toEqual(["1 passed, 0 failed"]);
  });
});
