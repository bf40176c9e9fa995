import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { cryptWrappingFormat } from "../../../src/passwords/formats/crypt-wrapping.ts";
import { ldapSaltedFormat } from "../../../src/passwords/formats/ldap-salted.ts";
import { ldapUnsaltedFormat } from "../../../src/passwords/formats/ldap-unsalted.ts";
import { md5CryptFormat } from "../../../src/passwords/formats/md5-crypt.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";

function salted(algorithm: string, salt: Buffer): string {
  const digest = createHash(algorithm).update(PASSWORD).update(salt).digest();
  return Buffer.concat([digest, salt]).toString("base64");
}

describe("LDAP's salted digests", () => {
  const schemes = { SMD5: "md5", SSHA: "sha1", SSHA224: "sha224", SSHA384: "sha384", SSHA512: "sha512" };

  test.each(Object.entries(schemes))("{%s} is %s, whatever the case it is written in", (scheme, digest) => {
    for (const name of [scheme, scheme.toLowerCase()]) {
      const reading = readAs(ldapSaltedFormat, `{${name}}${salted(digest, Buffer.from("some salt"))}`);
      expect(reading).toMatchObject({ parameters: { digest } });
      expect(matches(reading, PASSWORD)).toBe(true);
      expect(matches(reading, "another")).toBe(false);
    }
  });

  test.each([
    [0, "malformed"],
    [3, "malformed"],
    [4, null],
    [64, null],
    [65, "malformed"],
  ])("with a salt of %d bytes: %s", (length, fault) => {
    const stored = `{SSHA}${salted("sha1", Buffer.alloc(length, 7))}`;
    expect(faultOf(readAs(ldapSaltedFormat, stored))).toBe(fault);
  });

  test.each([
    ["no padding where there is to be some", (text: string) => text.replace(/=+$/, "")],
    ["bits left over in the last character", (text: string) => text.replace(/A==$/, "B==")],
    ["a line break", (text: string) => `${text}\n`],
    ["the other alphabet", (text: string) => text.replace(/^./, "_")],
  ])("%s is malformed", (_, change) => {
    const text = salted("sha1", Buffer.alloc(8, 0));
    expect(change(text)).not.toBe(text);
    expect(faultOf(readAs(ldapSaltedFormat, `{SSHA}${change(text)}`))).toBe("malformed");
  });
});

describe("LDAP's digests without a salt", () => {
  const stored = `{SHA}${createHash("sha1").update(PASSWORD).digest("base64")}`;

  test("are refused, and the reason names the setting", () => {
    expect(readAs(ldapUnsaltedFormat, stored)).toEqual({
      fault: "refused",
      format: "ldap-unsalted",
      reason: expect.stringMatching(/no salt.*passwords\.legacy\.unsalted/),
    });
  });

  test("verify where the configuration has them verified", () => {
    const reading = readAs(ldapUnsaltedFormat, stored, { unsalted: "verify" });
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(matches(reading, "another")).toBe(false);
  });

  test("one of another length is malformed, whatever the configuration says", () => {
    for (const unsalted of ["refuse", "verify"] as const) {
      const text = stored.replace("{SHA}", "{SHA256}");
      expect(faultOf(readAs(ldapUnsaltedFormat, text, { unsalted }))).toBe("malformed");
    }
  });
});

describe("a scheme before a whole hash", () => {
  const inner = "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/";

  test.each(["CRYPT", "crypt", "MD5-CRYPT"])("{%s} is what the hash is", (scheme) => {
    const reading = readAs(cryptWrappingFormat, `{${scheme}}${inner}`, {}, [md5CryptFormat]);
    expect(reading).toMatchObject({ format: "md5-crypt", parameters: { rounds: 1_000 } });
    expect(matches(reading, "password")).toBe(true);
  });

  test("it does not stand inside another one", () => {
    const stored = `{CRYPT}{CRYPT}${inner}`;
    expect(faultOf(readAs(cryptWrappingFormat, stored, {}, [cryptWrappingFormat, md5CryptFormat]))).toBe(
      "unknown",
    );
  });
});
