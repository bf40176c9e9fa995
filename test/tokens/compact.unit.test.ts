import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCompact } from "../../src/tokens/compact.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Of the alphabet, and now and then of what is near it. */
const character = fc.constantFrom(...ALPHABET, ..."+/=. \n");
const part = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
  fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 12 }),
  fc.string({ unit: character, maxLength: 6 }),
);

/** What is decoded and encoded again stays the same in its canonical form alone. */
function survives(text: string): boolean {
  return text !== "" && Buffer.from(text, "base64url").toString("base64url") === text;
}

describe("the compact form of a token", () => {
  test("is three parts that are each the one spelling of their bytes, and not empty", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 2, maxLength: 4 }), (parts) => {
        const text = parts.join(".");
        const split = text.split(".");
        expect(isCompact(text)).toBe(split.length === 3 && split.every(survives));
      }),
      { numRuns: 3_000 },
    );
  });

  test("has of every ending of two or three characters the one spelling", () => {
    for (const start of ["A", "zz", "____A", "0000-9"]) {
      for (const last of ALPHABET) {
        const text = start + last;
        expect([text, isCompact(`AAAA.${text}.AAAA`)]).toEqual([text, survives(text)]);
      }
    }
  });

  test("is of 4,096 characters at most, without a line break after it", () => {
    const token = (length: number) => `AAAA.${"A".repeat(length - 10)}.AAAA`;
    expect([4_094, 4_096, 4_098].map((length) => isCompact(token(length)))).toEqual([true, true, false]);
    expect(isCompact("AAAA.AAAA.AAAA\n")).toBe(false);
  });

  test.each([[undefined], [null], [5], [true], [{}], [["AAAA.AAAA.AAAA"]]])("is not %j", (value) => {
    expect(isCompact(value)).toBe(false);
  });
});
