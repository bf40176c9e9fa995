import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bcryptFormat, bcryptHasher } from "../../../src/passwords/formats/bcrypt.ts";
import { springFormat } from "../../../src/passwords/formats/spring.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("Spring Security's prefixes", () => {
  test.each(["{noop}secret", "{MD4}{salt}00112233445566778899aabbccddeeff"])("%s is refused", (stored) => {
    expect(faultOf(readAs(springFormat, stored))).toBe("refused");
  });

  test("a digest with a salt verifies, the braces being part of what is digested", () => {
    const reading = readAs(springFormat, `{SHA-256}{salt}${sha256(`${PASSWORD}{salt}`)}`);
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(matches(reading, "another")).toBe(false);
  });

  test.each(["", "{}"])(
    "a digest with %j for a salt is refused unless the configuration has it verified",
    (salt) => {
      const stored = `{SHA-256}${salt}${sha256(PASSWORD + salt)}`;
      expect(faultOf(readAs(springFormat, stored))).toBe("refused");
      expect(matches(readAs(springFormat, stored, { unsalted: "verify" }), PASSWORD)).toBe(true);
    },
  );

  test.each([
    "{MD5}X03MO1qnZdYdgyfeuILPmQ==",
    "{sha256}47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "{SSHA}x",
    "{x}y",
  ])("%s is another format's", (stored) => {
    expect(readAs(springFormat, stored)).toBeNull();
  });

  test("what {ldap} wraps is read by whoever has it", () => {
    const inner = bcryptHasher(4).hash(Buffer.from(PASSWORD));
    const reading = readAs(springFormat, `{ldap}${inner}`, {}, [bcryptFormat]);
    expect(reading).toMatchObject({ format: "spring" });
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(faultOf(readAs(springFormat, "{ldap}{noop}x", {}, [springFormat]))).toBe("refused");
  });

  const BYTES = "00".repeat(16);
  test.each([
    ["{bcrypt}$2a$17$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too-costly"],
    ["{bcrypt}secret", "malformed"],
    [
      "{argon2}$argon2id$v=19$m=8388608,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      "too-costly",
    ],
    [`{pbkdf2}${BYTES}`, "malformed"],
    [`{pbkdf2@SpringSecurity_v5_8}${BYTES}${BYTES}${BYTES}00`, "malformed"],
    [`{scrypt}$1e0801$AAAA$${"A".repeat(43)}=`, "too-costly"],
    [`$1e0801$AAAA$${"A".repeat(43)}=`, "too-costly"],
    [`{scrypt}$e0001$AAAA$${"A".repeat(43)}=`, "malformed"],
    ["{scrypt}$e0801$!$!", "malformed"],
    ["{SHA-1}{salt}0011", "malformed"],
  ])("%s is %s", (stored, fault) => {
    expect(faultOf(readAs(springFormat, stored))).toBe(fault);
  });
});
