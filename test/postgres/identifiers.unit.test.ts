import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  nameWithSuffix,
  parseQualifiedName,
  qualify,
  quoteIdentifier,
  quoteIdentifiers,
  quoteJson,
  quoteLiteral,
} from "../../src/postgres/identifiers.ts";

const text = fc.string({ unit: "grapheme", maxLength: 80 }).map((value) => value.replaceAll("\0", ""));
const tricky = fc.oneof(text, fc.string({ unit: fc.constantFrom('"', "'", "\\", "a", ".", "$") }));

describe("quoting", () => {
  test.each([
    ["users", '"users"'],
    ['Us"er', '"Us""er"'],
    ["select", '"select"'],
    ["a\\b", '"a\\b"'],
    ["", '""'],
  ])("the identifier %s is %s", (name, quoted) => expect(quoteIdentifier(name)).toBe(quoted));

  test.each([
    ["it's", "'it''s'"],
    ["a\\b", "E'a\\\\b'"],
    ["'\\", "E'''\\\\'"],
    ["", "''"],
  ])("the literal %s is %s", (value, quoted) => expect(quoteLiteral(value)).toBe(quoted));

  test("takes no NUL, which PostgreSQL cannot hold", () => {
    expect(() => quoteIdentifier("a\0b")).toThrow(TypeError);
    expect(() => quoteLiteral("a\0b")).toThrow(TypeError);
  });

  test("nothing gets out of its quotes, and everything comes back", () => {
    fc.assert(
      fc.property(tricky, (value) => {
        const identifier = quoteIdentifier(value);
        expect(identifier).toMatch(/^"(?:[^"]|"")*"$/u);
        expect(identifier.slice(1, -1).replaceAll('""', '"')).toBe(value);
        const literal = quoteLiteral(value);
        expect(literal).toMatch(value.includes("\\") ? /^E'(?:[^'\\]|''|\\\\)*'$/u : /^'(?:[^'\\]|'')*'$/u);
      }),
    );
  });

  test("lists, qualified names and JSON", () => {
    expect(qualify("Sh.op", 'Us"ers')).toBe('"Sh.op"."Us""ers"');
    expect(quoteIdentifiers(["a", 'b"'])).toBe('"a", "b"""');
    expect(quoteJson({ name: "it's \\ here" })).toBe("E'{\"name\":\"it''s \\\\\\\\ here\"}'::jsonb");
  });
});

describe("a qualified name", () => {
  test.each([
    ["users", null, "users"],
    ["shop.users", "shop", "users"],
    ['"Sh.op"."Us""ers"', "Sh.op", 'Us"ers'],
    ["Shop.Users", "Shop", "Users"],
    ["  users ", null, "users"],
    ['shop."a b"', "shop", "a b"],
  ])("%s", (written, schema, name) => expect(parseQualifiedName(written)).toEqual({ schema, name }));

  test.each(["", ".", "a.", ".a", "a.b.c", '"a', 'a"b', '""', '"a"."b"."c"', '"a" "b"'])(
    "%s is none",
    (written) => expect(parseQualifiedName(written)).toBeNull(),
  );

  test("is read back as it was quoted, whatever is in it", () => {
    const part = tricky.filter((value) => value !== "");
    fc.assert(
      fc.property(part, part, (schema, name) => {
        expect(parseQualifiedName(qualify(schema, name))).toEqual({ schema, name });
        expect(parseQualifiedName(quoteIdentifier(name))).toEqual({ schema: null, name });
      }),
    );
  });
});

describe("a name with a suffix", () => {
  test("fits PostgreSQL's 63 bytes, keeps the suffix, and cuts no character in two", () => {
    fc.assert(
      fc.property(text, (base) => {
        const name = nameWithSuffix(base, "_email_authgraft_idx");
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name.endsWith("_email_authgraft_idx")).toBe(true);
        expect(base.startsWith(name.slice(0, -"_email_authgraft_idx".length))).toBe(true);
        expect(Buffer.from(name).toString()).toBe(name.toWellFormed());
      }),
    );
  });

  test("is not cut where it fits", () => {
    expect(nameWithSuffix("users", "_x")).toBe("users_x");
    expect(nameWithSuffix("名".repeat(30), "_x")).toBe(`${"名".repeat(20)}_x`);
  });
});
