import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Options } from "@zxcvbn-ts/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimatePasswordStrength } from "../../src/passwords/policy/strength.ts";

const SOURCE = resolve(import.meta.dirname, "../../src/passwords/policy/strength.ts");

describe("the strength of a password", () => {
  test.each([
    ["password", 0, "topTen"],
    ["iloveyou", 0, "topHundred"],
    ["00000000", 0, "simpleRepeat"],
    ["abcdefghij", 0, "sequences"],
    ["drowssap", 0, "similarToCommon"],
    ["Ada Lovelace", 0, "userInputs"],
    ["19901224", 1, "dates"],
    ["lovelace1815", 1, "userInputs"],
    ["correct horse battery staple", 4, null],
    ["x7#Kq9!zR2mW", 4, null],
  ])("%s has %i of 4, because of %s", async (password, score, code) => {
    const strength = await estimatePasswordStrength(password, ["ada@example.com", "Ada Lovelace"]);
    expect([strength.score, strength.warning?.code ?? null]).toEqual([score, code]);
  });

  test("comes with what to do about it", async () => {
    const { suggestions } = await estimatePasswordStrength("PASSWORD1");
    expect(suggestions.map(({ code }) => code)).toEqual(["anotherWord", "allUppercase"]);
  });

  test("has an English text for every code that the library has", async () => {
    const { translations } = new Options();
    const source = await readFile(SOURCE, "utf8");
    const codes = [...Object.keys(translations.warnings), ...Object.keys(translations.suggestions)];
    const untold = codes.filter((code) => code !== "pwned" && !source.includes(`  ${code}: `));
    expect(untold).toEqual([]);
  });

  test("of a long password is that of its beginning, so that its time is bounded", async () => {
    const beginning = "tr0mbone&velvet~harbour-9-lanterns, and the rest does not matter";
    expect(beginning).toHaveLength(64);
    const [short, long] = await Promise.all(
      [beginning, beginning + "x".repeat(100_000)].map((password) => estimatePasswordStrength(password)),
    );
    expect(long).toEqual(short);
  });

  test("is estimated whatever it is made of, and nothing of it is repeated", async () => {
    const password = fc.string({ unit: "binary", maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(password, fc.array(fc.string(), { maxLength: 3 }), async (text, words) => {
        const { score, warning, suggestions } = await estimatePasswordStrength(text, words);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(4);
        const said = [warning?.message ?? "", ...suggestions.map(({ message }) => message)].join(" ");
        if (text.length > 8) expect(said).not.toContain(text);
      }),
      { numRuns: 50 },
    );
  });

  test("runs in a browser: it takes nothing of Node.js", async () => {
    const source = await readFile(SOURCE, "utf8");
    expect(source).not.toMatch(/node:|Buffer|process\.|from "\.\.?\//);
  });
});
