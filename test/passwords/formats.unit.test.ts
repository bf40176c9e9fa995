import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classOf } from "../../src/passwords/hash-class.ts";
import { createHashReader, PASSWORD_FORMATS } from "../../src/passwords/registry.ts";
import { type FormatSettings, isVerifiable, type StoredHash } from "../../src/passwords/stored-hash.ts";
import { VECTORS } from "./support/vectors.ts";

const NONE: FormatSettings = { unsalted: "refuse", pepper: null, firebaseSignerKey: null, digests: [] };

/** Everything that can be set, so that every way of reading is gone. */
const ALL: FormatSettings = {
  unsalted: "verify",
  pepper: "a pepper",
  firebaseSignerKey: Buffer.alloc(64, 7).toString("base64"),
  digests: VECTORS.flatMap(({ settings }) => settings.digests).slice(0, 10),
};

/** One text of each way of writing, and of each that is refused by name. */
const SEEDS: readonly string[] = [
  ...new Map(VECTORS.toReversed().map(({ format, hash }) => [format, hash])).values(),
];

const LONGEST_TEXT = 4_096;
const LONG_TEXTS: readonly string[] = longTexts();

describe("whatever a stored text is, an answer comes of it", () => {
  test("mutated or made up, no error escapes", () => {
    const read = createHashReader(ALL);
    const piece = fc.oneof(
      fc.string({ maxLength: 3, unit: "binary" }),
      fc.constantFrom("$", "", "0", "9", "=", "{", ":", ","),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...SEEDS), fc.nat(160), piece)
      .map(([seed, at, change]) => seed.slice(0, at) + change + seed.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, fc.string({ unit: "binary" })), (stored) => {
        const reading = read(stored);
        if (!isVerifiable(reading)) expect(reading.reason).not.toBe("");
        else if (isCheap(stored, reading)) expect(typeof reading.verify(Buffer.from("no"))).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  test("a password of any bytes is verified or not, and no error escapes", () => {
    const readings = SEEDS.map((seed) => [seed, createHashReader(ALL)(seed)] as const);
    const cheap = readings.flatMap(([seed, one]) => (isVerifiable(one) && isCheap(seed, one) ? [one] : []));
    const passwords = [[], [0], [0, 0], [0xff], [0xed, 0xa0, 0x80], new Array(5_000).fill(0x61)];
    for (const reading of cheap) {
      for (const password of passwords) {
        expect(typeof reading.verify(Uint8Array.from(password))).toBe("boolean");
      }
    }
    expect(cheap.length).toBeGreaterThan(50);
  });

  // A pattern that backtracks without end would never come back from these.
  test.for(PASSWORD_FORMATS.map((format) => [format.id, format] as const))(
    "%s answers to the longest texts of every shape",
    ([, format]) => {
      const context = { settings: ALL, readInner: createHashReader(ALL) };
      for (const text of LONG_TEXTS) {
        const reading = format.read(text, context);
        if (reading !== null) expect(reading).toBeTypeOf("object");
      }
    },
  );

  test("a text of 10 MB is nobody's, whatever it begins with", () => {
    const read = createHashReader(ALL);
    for (const seed of SEEDS) expect(read(seed.padEnd(10_000_000, "a"))).toMatchObject({ fault: "unknown" });
  });

  test("no reason repeats the text", () => {
    const read = createHashReader(NONE);
    for (const { hash } of VECTORS.filter(({ hash }) => hash.length > 12)) {
      const reading = read(hash);
      if (!isVerifiable(reading)) expect(reading.reason).not.toContain(hash.slice(-12));
    }
  });
});

describe("what is refused, or wants a setting", () => {
  test.each(["hex-md5", "hex-sha512", "ldap-SHA", "ldap-MD5", "django-unsalted-sha1"])(
    "%s, without a salt, is refused unless it is allowed",
    (name) => {
      expect(createHashReader(NONE)(hashOf(name))).toMatchObject({ fault: "refused" });
      expect(isVerifiable(createHashReader({ ...NONE, unsalted: "verify" })(hashOf(name)))).toBe(true);
    },
  );

  test.each(["bcrypt-peppered", "firebase"])("%s is incomplete without its setting", (name) => {
    expect(createHashReader(NONE)(hashOf(name))).toMatchObject({ fault: "incomplete" });
  });

  test("another pepper than the one that is marked does not do", () => {
    const read = createHashReader({ ...NONE, pepper: "another" });
    expect(read(hashOf("bcrypt-peppered"))).toMatchObject({ fault: "incomplete" });
  });

  test("a described digest is nobody's without its description", () => {
    expect(createHashReader(NONE)(hashOf("digest-sha512-hmac"))).toMatchObject({ fault: "unknown" });
  });

  test.each(["yescrypt", "gost-yescrypt", "sunmd5"])("%s is refused by name", (name) => {
    expect(createHashReader(NONE)(hashOf(name))).toMatchObject({ fault: "refused" });
  });
});

/** The first vector of that name. */
function hashOf(name: string): string {
  const found = VECTORS.find(({ format }) => format === name);
  if (found === undefined) throw new Error(`no vector is called ${name}`);
  return found.hash;
}

/** What would slow the suite is read, but not verified; bcrypt's cost is a logarithm. */
function isCheap(stored: string, reading: StoredHash): boolean {
  return classOf(stored, reading).weight <= 4_000 && Number(reading.parameters.cost ?? 0) < 6;
}

/** How each writing begins, up to each of its separators, and then the same again and again to the end. */
function longTexts(): string[] {
  const pieces = ["a", "0", "1$", "$", "A=", "+/", ",", ":", "{a}", '{"a":', "é", "\ud800"];
  const starts = SEEDS.flatMap((seed) =>
    [...seed.matchAll(/[$:,={}]+|^/g)].map(({ 0: match, index }) => seed.slice(0, index + match.length)),
  );
  return [...new Set(starts)].flatMap((start) => pieces.map((piece) => start.padEnd(LONGEST_TEXT, piece)));
}
