import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDisplayName } from "../../src/accounts/fields/display-name.ts";
import { isEmailAddress } from "../../src/accounts/fields/email.ts";
import { findFieldErrors, type RegistrationFields } from "../../src/accounts/fields/registration-fields.ts";
import { isUsername } from "../../src/accounts/fields/username.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";

describe("an email address", () => {
  test.each([
    "ada@example.com",
    "a@x.co",
    "Ada.Lovelace+news@Mail.Example.co.uk",
    "o'brien@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "ядро@почта.example",
    "josé@exämple.com",
    "用户@例子.example",
    "x@xn--exmple-cua.com",
    "1@2.example",
    `${"a".repeat(64)}@example.com`,
    `a@${"b".repeat(63)}.example`,
  ])("%s is one", (email) => {
    expect(isEmailAddress(email)).toBe(true);
  });

  test.each([
    ["nothing", ""],
    ["no @", "example.com"],
    ["no local part", "@example.com"],
    ["no domain", "ada@"],
    ["one label", "ada@localhost"],
    ["two addresses", "a@x.co,b@x.co"],
    ["two addresses with a semicolon", "a@x.co;b@x.co"],
    ["two @", "a@b@x.co"],
    ["a display name", "Ada <ada@example.com>"],
    ["a comment", "ada(work)@example.com"],
    ["a quoted local part", '"ada lovelace"@example.com'],
    ["an address literal", "ada@[127.0.0.1]"],
    ["an IPv4 address", "ada@127.0.0.1"],
    ["a dot at the start", ".ada@example.com"],
    ["a dot at the end", "ada.@example.com"],
    ["two dots", "ada..l@example.com"],
    ["an empty label", "ada@example..com"],
    ["a trailing dot", "ada@example.com."],
    ["a label that begins with a hyphen", "ada@-example.com"],
    ["a label that ends with a hyphen", "ada@example-.com"],
    ["an underscore in the domain", "ada@exa_mple.com"],
    ["white space around it", " ada@example.com"],
    ["a line break, for header injection", "ada@example.com\r\nBcc: eve@example.com"],
    ["NUL", "ada\0@example.com"],
    ["a zero-width space", "ada\u200b@example.com"],
    ["a right-to-left override", "\u202eada@example.com"],
    ["a lone surrogate", "ada\ud800@example.com"],
    ["an accent typed apart, which has another spelling in NFC", "jose\u0301@example.com"],
    ["a local part of 65 bytes", `${"a".repeat(65)}@example.com`],
    ["a label of 64", `a@${"b".repeat(64)}.example`],
    ["255 bytes", `a@${`${"b".repeat(60)}.`.repeat(4)}${"c".repeat(9)}`],
  ])("is not %s", (_, email) => {
    expect(isEmailAddress(email)).toBe(false);
  });

  test("never has white space, a control character, a comma or brackets in it, whatever was sent", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.emailAddress(),
      fc.tuple(fc.string({ unit: "grapheme" }), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        if (!isEmailAddress(text)) return;
        expect(text).not.toMatch(/[\s\p{C},;:<>()[\]"\\]/u);
        expect(text.split("@")).toHaveLength(2);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(254);
      }),
    );
  });

  test("of the common sort is always taken", () => {
    const atom = fc.string({ unit: fc.constantFrom(..."abcxyzABC019+-_"), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(atom, atom, fc.domain(), (first, second, domain) => {
        expect(isEmailAddress(`${first}.${second}@${domain}`)).toBe(true);
      }),
    );
  });
});

describe("a username", () => {
  test.each(["ada", "Ada_Lovelace-1", "___", "x".repeat(30)])("%s is one", (name) => {
    expect(isUsername(name)).toBe(true);
  });

  test.each([
    ["2 characters", "ad"],
    ["31 characters", "x".repeat(31)],
    ["an @", "ada@example.com"],
    ["a space", "ada l"],
    ["a letter of another script", "аda"],
    ["a full-width letter", "ａda"],
    ["a line break at the end", "ada\n"],
    ["nothing", ""],
  ])("is not %s", (_, name) => {
    expect(isUsername(name)).toBe(false);
  });

  test("is bounded by its column", () => {
    expect(isUsername("x".repeat(20), 20)).toBe(true);
    expect(isUsername("x".repeat(21), 20)).toBe(false);
  });

  test("is ASCII, whatever was sent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        if (isUsername(text)) expect(text).toMatch(/^[\w-]{3,30}$/);
      }),
    );
  });
});

describe("a display name", () => {
  test.each(["A", "Ada Lovelace", "Ольга", "李小龙", "José 'Pepe' O’Brien", "🦊", "x".repeat(255)])(
    "%s is one",
    (name) => {
      expect(isDisplayName(name)).toBe(true);
    },
  );

  test.each([
    ["nothing", ""],
    ["spaces alone", "   "],
    ["zero-width characters alone", "\u200b\u200d"],
    ["a line break, for log injection", "Ada\nlevel=50"],
    ["a line separator", "Ada\u2028Lovelace"],
    ["NUL", "Ada\0"],
    ["a lone surrogate", "Ada\udc00"],
    ["256 characters", "x".repeat(256)],
  ])("is not %s", (_, name) => {
    expect(isDisplayName(name)).toBe(false);
  });

  test("is counted in characters as PostgreSQL counts them", () => {
    expect(isDisplayName("🦊".repeat(50), 50)).toBe(true);
    expect(isDisplayName("🦊".repeat(51), 50)).toBe(false);
  });
});

describe("a registration", () => {
  const policy = createPasswordPolicy(parseConfiguration({}).passwords);
  const password = { algorithm: "argon2id", minimumLength: 8, maximumLength: 72 } as const;
  const field = { maximum: 30, required: true };
  const ada = { email: "ada@example.com", password: "correct horse" };
  const codes = async (registration: object, fields: Partial<RegistrationFields>) => {
    const asked = {
      email: { maximum: 254, required: true },
      username: null,
      displayName: null,
      password,
      ...fields,
    };
    const errors = await findFieldErrors({ ...ada, ...registration }, asked, policy);
    return errors.map((error) => `${error.field} ${error.code}`);
  };

  test("needs what the table needs, and may leave out what it may leave empty", async () => {
    expect(await codes({}, {})).toEqual([]);
    expect(await codes({}, { username: field, displayName: field })).toEqual([
      "username field_required",
      "display_name field_required",
    ]);
    expect(
      await codes(
        {},
        { username: { ...field, required: false }, displayName: { ...field, required: false } },
      ),
    ).toEqual([]);
  });

  test("has no field that the table has not", async () => {
    expect(await codes({ username: "ada", display_name: "Ada" }, {})).toEqual([
      "username field_unknown",
      "display_name field_unknown",
    ]);
  });

  test("is bounded by the columns", async () => {
    const email = { maximum: 20, required: true };
    expect(await codes({ email: "ada@example-of-21.com" }, { email })).toEqual(["email field_invalid"]);
    expect(await codes({ display_name: "x".repeat(31) }, { displayName: field })).toEqual([
      "display_name field_invalid",
    ]);
  });

  test("is told all that is wrong at once, the password with the rest", async () => {
    expect(await codes({ email: "no", username: "!", password: "iloveyou" }, { username: field })).toEqual([
      "email field_invalid",
      "username field_invalid",
      "password password_common",
    ]);
  });
});
