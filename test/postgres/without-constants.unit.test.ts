import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutConstants } from "../../src/postgres/without-constants.ts";

/** What must not come through; no part of it is in any word, sign or name that stands around it. */
const SECRET = "Zq7";

const inside = fc
  .array(fc.constantFrom(SECRET, " ", "''", '"', "$", "--", "/*", "*/", "\n", "ä", "\\", "e", ";", "1"))
  .map((parts) => parts.join(""));
const plain = inside.map((text) => text.replaceAll("\\", ""));
const literal = fc.oneof(
  plain.map((text) => `'${text}'`),
  inside.map((text) => `E'${text.replaceAll("\\", "\\\\")}'`),
  inside.map((text) => `E'${text.replaceAll("\\", "\\\\")}\\'${SECRET}'`),
  plain.map((text) => `N'${text}'`),
  plain.map((text) => `U&'${text}'`),
  inside.map((text) => `$tag$${text}$TAG$${text}$tag$`),
  inside.map((text) => `$$${text.replaceAll("$", "")}$$`),
  inside.map((text) => `/* ${text.replaceAll("*", "").replaceAll("/", "")} /* ${SECRET} */ ${SECRET} */`),
  inside.map((text) => `-- ${text.replaceAll("\n", "")}\n`),
  fc.constant(`"${SECRET}@example.com"`),
);
const between = fc.constantFrom(
  " ",
  ",",
  "\n",
  "; ",
  " SELECT ",
  " = ",
  "(",
  ")",
  "::text ",
  ' "a""b" ',
  " a$b ",
);
const statements = fc.array(fc.tuple(between, literal)).map((parts) => parts.flat().join(""));

/** A quote that is opened and never closed, in each of its kinds. */
const unclosed = fc.constantFrom("'", "E'", '"', "$$", "$tag$", "/*", "U&'");

describe("SQL without its constants", () => {
  test("holds nothing of any string or comment, however they are written", () => {
    fc.assert(
      fc.property(statements, (sql) => {
        expect(withoutConstants(sql)).not.toContain(SECRET);
      }),
      { numRuns: 2_000 },
    );
  });

  test("holds nothing that stands behind a quote which is never closed", () => {
    fc.assert(
      fc.property(statements, unclosed, plain, (sql, quote, text) => {
        const rest = text.replaceAll(/['"$*]/g, "");
        expect(withoutConstants(`${sql} ${quote}${rest}${SECRET}`)).not.toContain(SECRET);
      }),
      { numRuns: 2_000 },
    );
  });

  test("holds no number, and is the same whatever the constants are", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1_000n }), fc.string(), (number, text) => {
        const quoted = `'${text.replaceAll("'", "''").replaceAll("\\", "").replaceAll("\0", "")}'`;
        const sql = `UPDATE users SET a = ${quoted}, b = ${number}, c = ${number}.5e3 WHERE id = $1 -- ${number}`;
        expect(withoutConstants(sql)).toBe("UPDATE users SET a = '…', b = …, c = … WHERE id = $1");
      }),
    );
  });

  test.each([
    ["UPDATE users SET a = $2b$10$abc.def/ghi WHERE id = 1", "UPDATE users SET a = $2…"],
    ["UPDATE users SET a = pbkdf2_sha256$1$abc$def= WHERE id = 1", "UPDATE users SET a = …"],
    ["COPY users FROM stdin;\n1\tada\tlovelace\n\\.\n", "COPY users FROM stdin…"],
  ])("holds neither a hash that has lost its quotes nor the rows of a dump: %s", (sql, rest) => {
    expect(withoutConstants(sql)).toBe(rest);
  });

  test("holds what stands behind a comment that any end of a line has ended", () => {
    expect(withoutConstants("-- a\rDROP TABLE users -- b\nCASCADE")).toBe("DROP TABLE users CASCADE");
  });

  test("is found for what is nothing but quotes", () => {
    for (const sql of ["'".repeat(16_383), "''".repeat(8_000), "$".repeat(16_000), "/*".repeat(8_000)]) {
      expect(withoutConstants(sql).length).toBeLessThan(sql.length);
    }
  });
});
