import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PasswordPolicy, refuseNewPassword } from "../../src/passwords/policy.ts";

const ARGON2: PasswordPolicy = { algorithm: "argon2id", minimumLength: 8, maximumLength: 72 };
const BCRYPT: PasswordPolicy = { ...ARGON2, algorithm: "bcrypt" };

const codeFor = (password: string, policy = ARGON2) => refuseNewPassword(password, policy)?.code ?? null;

describe("a new password", () => {
  test.each([
    ["7 characters", "x".repeat(7), "password_too_short"],
    ["8 characters", "x".repeat(8), null],
    ["64 characters (ASVS 6.2.9)", "x".repeat(64), null],
    ["72 characters", "x".repeat(72), null],
    ["73 characters", "x".repeat(73), "password_too_long"],
    ["7 emoji, which are 14 UTF-16 units", "🔑".repeat(7), "password_too_short"],
    ["8 emoji", "🔑".repeat(8), null],
    ["72 emoji, which are 288 bytes", "🔑".repeat(72), null],
    [
      "7 letters with combining accents, which are 14 code points as sent",
      "e\u0301".repeat(7),
      "password_too_short",
    ],
    ["only spaces: there are no composition rules (ASVS 6.2.5)", " ".repeat(8), null],
    ["a lone surrogate, which has no UTF-8", "abcdefg\ud800", "field_invalid"],
    ["NUL, which some implementations stop at", "abcdefg\0hij", "field_invalid"],
    ["nothing", "", "password_too_short"],
  ])("of %s", (_, password, code) => {
    expect(codeFor(password)).toBe(code);
  });

  test.each([
    ["72 bytes", "x".repeat(72), null],
    ["36 letters of 2 bytes", "é".repeat(36), null],
    ["37 letters of 2 bytes", "é".repeat(37), "password_too_long"],
    ["36 letters sent as base and accent, 108 bytes, which are 72 as hashed", "e\u0301".repeat(36), null],
  ])("with bcrypt, of %s", (_, password, code) => {
    expect(codeFor(password, BCRYPT)).toBe(code);
  });

  test("may be longer where the configuration says so", () => {
    expect(codeFor("x".repeat(100), { ...ARGON2, maximumLength: 128 })).toBeNull();
  });

  test("is never refused without a message that says the bound", () => {
    expect(refuseNewPassword("short", ARGON2)?.message).toContain("8");
    expect(refuseNewPassword("x".repeat(73), ARGON2)?.message).toContain("72");
    expect(refuseNewPassword("é".repeat(40), BCRYPT)?.message).toContain("72 bytes");
  });

  test("is judged whatever it is made of, and the judgement never repeats it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 6, maxLength: 90 }), (password) => {
        const refusal = refuseNewPassword(password, BCRYPT);
        expect(refusal?.message ?? "").not.toContain(password);
      }),
    );
  });
});
