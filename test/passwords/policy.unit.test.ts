import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { type LengthSettings, refuseLength } from "../../src/passwords/policy/length.ts";
import { createPasswordPolicy } from "../../src/passwords/policy.ts";

const ARGON2: LengthSettings = { algorithm: "argon2id", minimumLength: 8, maximumLength: 72 };
const BCRYPT: LengthSettings = { ...ARGON2, algorithm: "bcrypt" };

const codeFor = (password: string, settings = ARGON2) => refuseLength(password, settings)?.code ?? null;

describe("the length of a new password (1 to 6)", () => {
  test.each([
    ["7 characters (1)", "x".repeat(7), "password_too_short"],
    ["8 characters (1)", "x".repeat(8), null],
    ["64 characters (3)", "x".repeat(64), null],
    ["72 characters", "x".repeat(72), null],
    ["73 characters (4)", "x".repeat(73), "password_too_long"],
    ["7 emoji (2), which are 14 UTF-16 units", "🔑".repeat(7), "password_too_short"],
    ["8 emoji", "🔑".repeat(8), null],
    ["72 emoji, which are 288 bytes", "🔑".repeat(72), null],
    [
      "7 letters with combining accents, which are 14 code points as sent",
      "e\u0301".repeat(7),
      "password_too_short",
    ],
    ["only spaces: there are no composition rules (6)", " ".repeat(8), null],
    ["a lone surrogate, which has no UTF-8", "abcdefg\ud800", "field_invalid"],
    ["NUL, which some implementations stop at", "abcdefg\0hij", "field_invalid"],
    ["nothing", "", "password_too_short"],
  ])("of %s", (_, password, code) => {
    expect(codeFor(password)).toBe(code);
  });

  test.each([
    ["72 bytes", "x".repeat(72), null],
    ["36 letters of 2 bytes", "é".repeat(36), null],
    ["37 letters of 2 bytes (2, 4)", "é".repeat(37), "password_too_long"],
    ["36 letters sent as base and accent, 108 bytes, which are 72 as hashed", "e\u0301".repeat(36), null],
  ])("with bcrypt, of %s", (_, password, code) => {
    expect(codeFor(password, BCRYPT)).toBe(code);
  });

  test("1: may have to be longer where the configuration says so", () => {
    expect(codeFor("x".repeat(14), { ...ARGON2, minimumLength: 15 })).toBe("password_too_short");
    expect(codeFor("x".repeat(15), { ...ARGON2, minimumLength: 15 })).toBeNull();
  });

  test("4: may be longer where the configuration says so", () => {
    expect(codeFor("x".repeat(100), { ...ARGON2, maximumLength: 128 })).toBeNull();
  });

  test("is never refused without a message that says the bound", () => {
    expect(refuseLength("short", ARGON2)?.message).toContain("8");
    expect(refuseLength("x".repeat(73), ARGON2)?.message).toContain("72");
    expect(refuseLength("é".repeat(40), BCRYPT)?.message).toContain("72 bytes");
  });

  test("is judged whatever it is made of, and the judgement never repeats it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 6, maxLength: 90 }), (password) => {
        const refusal = refuseLength(password, BCRYPT);
        expect(refusal?.message ?? "").not.toContain(password);
      }),
    );
  });
});

describe("the policy for new passwords", () => {
  const policy = createPasswordPolicy(parseConfiguration({}).passwords);
  const owner = { email: "ada@example.com", username: "ada-1815", displayName: "Ada Lovelace" };

  test.each([
    ["short", "password_too_short"],
    ["Ada Lovelace", "password_guessable"],
    ["authgraft", "password_guessable"],
    ["iloveyou", "password_common"],
    ["a tower of violins", null],
  ])("says of %s: %s", async (password, code) => {
    expect((await policy.check(password, owner))?.code ?? null).toBe(code);
    expect((await policy.checkHere(password, owner))?.code ?? null).toBe(code);
  });

  test("6: wants no kind of character, whatever is random enough is taken", async () => {
    for (const unit of ["qwxzjkvb", "QWXZJKVB", "0123456789", "!?#*+-/&", "жщюяфъэы"]) {
      const characters = fc.string({ unit: fc.constantFrom(...unit), minLength: 30, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(characters, async (password) => {
          expect(await policy.check(password, owner)).toBeNull();
        }),
        { numRuns: 20 },
      );
    }
  });

  test("says what is wrong without repeating the password", async () => {
    for (const password of ["seven77", "Ada Lovelace", "iloveyou", "x".repeat(73)]) {
      const refusal = await policy.check(password, owner);
      expect(refusal?.message).toMatch(/\.$/);
      expect(refusal?.message.toLowerCase()).not.toContain(password.toLowerCase());
    }
  });
});
