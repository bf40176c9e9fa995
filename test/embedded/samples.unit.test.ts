import { describe, expect, test } from "vitest";
import { dumpSample } from "../../src/embedded/samples/dump.ts";
import { makeSample } from "../../src/embedded/samples/sample.ts";
import type { Row, SampleName, SampleOptions } from "../../src/embedded/samples/shape.ts";

const SAMPLES: readonly SampleName[] = ["a", "b"];

function users(sample: SampleName, options: SampleOptions = {}): readonly Row[] {
  const table = makeSample(sample, options).tables.find(({ name }) => name === "users");
  return [...(table?.rows() ?? [])];
}

const ALL: Readonly<Record<SampleName, readonly Row[]>> = { a: users("a"), b: users("b") };

function column(rows: readonly Row[], index: number): readonly string[] {
  return rows.flatMap((row) => row[index] ?? []);
}

const asciiLowerCase = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const lengths = (values: readonly string[]) => values.map((value) => [...value].length);

describe.each(SAMPLES)("sample %s", (sample) => {
  test("has 10,000 users unless told otherwise", () => {
    expect(ALL[sample]).toHaveLength(10_000);
    expect(users(sample, { users: 3 })).toHaveLength(3);
    expect(users(sample, { users: 0 })).toHaveLength(0);
  });

  test("is the same bytes for the same seed and other ones for another", () => {
    const text = (seed: number) => [...dumpSample(sample, { users: 100, seed })].join("");
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  test("gives no two users the same id or username", () => {
    const rows = ALL[sample];
    for (const index of [0, 1]) expect(new Set(column(rows, index)).size).toBe(rows.length);
  });

  test("has usernames of the greatest length, in ASCII, in emoji and in combining marks, at any size", () => {
    const limit = sample === "a" ? 50 : 30;
    const names = column(users(sample, { users: 200 }), 1);
    expect(Math.max(...lengths(names))).toBe(limit);
    expect(names).toEqual(
      expect.arrayContaining(["x".repeat(limit), "😀".repeat(limit), "e\u0301".repeat(limit / 2)]),
    );
  });

  test("has neighbours that differ in case, in normal form or in a space only", () => {
    const names = column(ALL[sample], 1);
    expect(names).toEqual(expect.arrayContaining(["ada", "Ada", "ADA", "ada ", "ren\u00e9e", "rene\u0301e"]));
  });

  test("has names of many scripts", () => {
    const text = column(ALL[sample], 1).join("");
    for (const script of ["Latin", "Cyrillic", "Greek", "Han", "Hangul", "Arabic", "Hebrew", "Devanagari"]) {
      expect(text, script).toMatch(new RegExp(`\\p{Script=${script}}`, "u"));
    }
  });

  test("spreads the users over years", () => {
    const created = column(ALL[sample], sample === "a" ? 2 : 9).map((moment) => moment.slice(0, 4));
    expect(new Set(created).size).toBeGreaterThan(10);
  });
});

describe("sample b's emails", () => {
  const EMAIL = 3;

  test("are unique even without regard to ASCII case", () => {
    const emails = column(ALL.b, EMAIL).map(asciiLowerCase);
    expect(new Set(emails).size).toBe(10_000);
  });

  test("include some that only letters outside ASCII tell apart by case", () => {
    const emails = column(ALL.b, EMAIL);
    const folded = emails.map((email) => email.toLowerCase());
    expect(new Set(folded).size).toBeLessThan(emails.length);
  });

  test("include plus-tags, apostrophes, odd case and one of exactly 255 characters", () => {
    const emails = column(users("b", { users: 200 }), EMAIL);
    for (const pattern of [/\+/, /'/, /[A-Z]/, /[^\p{ASCII}]/u]) expect(emails.join("")).toMatch(pattern);
    expect(Math.max(...lengths(emails))).toBe(255);
  });

  test("hold as many case duplicates as asked for", () => {
    const emails = column(users("b", { users: 500, emailCaseDuplicates: 12 }), EMAIL);
    expect(new Set(emails).size).toBe(500);
    expect(new Set(emails.map(asciiLowerCase)).size).toBe(488);
  });
});

describe("sample b's other columns", () => {
  test("show what the schema permits: no role, no moment of creation, display names of 50 characters", () => {
    const rows = ALL.b;
    for (const index of [6, 7, 8, 9, 10]) expect(rows.some((row) => row[index] === null)).toBe(true);
    expect(Math.max(...lengths(column(rows, 2)))).toBe(50);
    expect(Math.max(...lengths(column(rows, 7)))).toBe(500);
  });

  test("never give two users the same account at a provider", () => {
    const pairs = ALL.b.map((row) => `${row[4]} ${row[5]}`);
    expect(new Set(pairs).size).toBe(10_000);
    expect(new Set(ALL.b.map((row) => row[4])).size).toBeGreaterThanOrEqual(5);
  });
});
