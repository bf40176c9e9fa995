import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FormatSettings,
  isVerifiable,
  type PasswordFormat,
  type StoredHash,
} from "../../../src/passwords/stored-hash.ts";
import { readAs } from "./reading.ts";

export interface Mutations {
  readonly formats: readonly PasswordFormat[];
  readonly settings: Partial<FormatSettings>;
  /** Texts of the formats, of each at least one. */
  readonly seeds: readonly string[];
  readonly runs: number;
  /** What would slow the suite is read, but not verified. */
  isCheap(stored: string, reading: StoredHash): boolean;
}

/** Whatever becomes of the seeds, each text is one format's at the most, matches nothing, and throws nothing. */
export function testMutations({ formats, settings, seeds, runs, isCheap }: Mutations): void {
  const readByAll = (stored: string) =>
    formats.map((format) => readAs(format, stored, settings, formats)).filter((reading) => reading !== null);

  describe("whatever a stored text is", () => {
    test("each seed is one format's, and its alone", () => {
      for (const seed of seeds)
        expect([seed, readByAll(seed).filter(isVerifiable).length]).toEqual([seed, 1]);
    });

    test("mutated or made up, it is at most one format's, and no error escapes", () => {
      const piece = fc.oneof(
        fc.string({ maxLength: 3, unit: "binary" }),
        fc.constantFrom("$", "", "0", "9", "=", "{", "~"),
      );
      const mutated = fc
        .tuple(fc.constantFrom(...seeds), fc.nat(200), piece)
        .map(([seed, at, change]) => seed.slice(0, at) + change + seed.slice(at + 1));
      fc.assert(
        fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, fc.string({ unit: "binary" })), (stored) => {
          const readings = readByAll(stored);
          expect(readings.length).toBeLessThan(2);
          for (const reading of readings.filter(isVerifiable)) {
            if (!isCheap(stored, reading)) continue;
            expect(reading.verify(Buffer.from("not it, surely"))).toBe(false);
          }
        }),
        { numRuns: runs },
      );
    });
  });
}
