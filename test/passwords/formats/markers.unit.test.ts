import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { djangoSaltedFormat } from "../../../src/passwords/formats/django-salted.ts";
import { hexDigestFormat } from "../../../src/passwords/formats/hex-digest.ts";
import { refusedByNameFormat } from "../../../src/passwords/formats/refused-by-name.ts";
import { unusableFormat } from "../../../src/passwords/formats/unusable.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const hex = (algorithm: string, text = PASSWORD) => createHash(algorithm).update(text).digest("hex");
const MYSQL = `*${hex("sha1").toUpperCase()}`;

describe("what stands in place of a hash", () => {
  test.each([
    "",
    "!",
    "!!",
    "*",
    "*LK*",
    "*NP*",
    "NP",
    "*0",
    "!$6$salt$digest",
    "!9wa845vn7098ythaehasldkfj",
  ])("%j is unusable", (stored) => {
    expect(faultOf(readAs(unusableFormat, stored))).toBe("unusable");
  });

  test.each(["x", " ", "NPC", "$", MYSQL, "password!"])("%j is none", (stored) => {
    expect(readAs(unusableFormat, stored)).toBeNull();
  });
});

describe("what is recognised and never verified", () => {
  test.each([
    ["$y$j9T$salt$digest", "yescrypt"],
    ["$gy$j9T$salt$digest", "gost-yescrypt"],
    ["$sm3$salt$digest", "sm3-crypt"],
    ["$md5$salt$digest", "sun-md5"],
    ["$md5,rounds=904$salt$$digest", "sun-md5"],
    ["$3$$8846f7eaee8fb117ad06bdd830b7586c", "nt-hash"],
    ["{NTLM}8846f7eaee8fb117ad06bdd830b7586c", "nt-hash"],
    ["abJnggxhB/yWI", "des-crypt"],
    ["_J9..rasmBYk8r9AiWNc", "bsdi-crypt"],
    ["crypt$$abJnggxhB/yWI", "django-crypt"],
    [MYSQL, "mysql-41"],
    ["md58b7a1c1b5a1f5ee1f2a6f2a0a3a9f8f1", "postgresql-md5"],
    ["SCRAM-SHA-256$4096:salt$stored:server", "scram"],
    ["{cleartext}secret", "plain-text"],
    ["{SASL}ada@example.com", "pass-through"],
  ])("%s is refused by the name %s", (stored, name) => {
    const reading = readAs(refusedByNameFormat, stored);
    expect(reading).toMatchObject({
      fault: "refused",
      format: name,
      reason: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  test.each(["password", "ada@example.com", "$2b$", "twelve-chars", "abJnggxhB/yWI1"])(
    "%s is not",
    (stored) => {
      expect(readAs(refusedByNameFormat, stored)).toBeNull();
    },
  );
});

describe("digests without a salt, in hexadecimal", () => {
  test.each(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])("%s is told by its length", (digest) => {
    for (const stored of [hex(digest), hex(digest).toUpperCase()]) {
      expect(faultOf(readAs(hexDigestFormat, stored))).toBe("refused");
      const reading = readAs(hexDigestFormat, stored, { unsalted: "verify" });
      expect(reading).toMatchObject({ parameters: { digest } });
      expect(matches(reading, PASSWORD)).toBe(true);
      expect(matches(reading, "another")).toBe(false);
    }
  });

  test("the reason names the setting, and says what 32 digits are read as", () => {
    expect(readAs(hexDigestFormat, hex("sha1"))).toMatchObject({
      reason: expect.stringMatching(/no salt.*passwords\.legacy\.unsalted/),
    });
    expect(readAs(hexDigestFormat, hex("md5"))).toMatchObject({
      reason: expect.stringMatching(/read as MD5.*NTLM/),
    });
  });

  test.each([33, 48, 127, 129])("%d digits are none", (length) => {
    expect(readAs(hexDigestFormat, "a".repeat(length))).toBeNull();
  });
});

describe("Django's digests from before PBKDF2", () => {
  test("without a salt they are refused unless the configuration has them verified", () => {
    const stored = `sha1$$${hex("sha1")}`;
    expect(faultOf(readAs(djangoSaltedFormat, stored))).toBe("refused");
    expect(matches(readAs(djangoSaltedFormat, stored, { unsalted: "verify" }), PASSWORD)).toBe(true);
  });

  test.each([
    `md5$salt$${hex("sha1")}`,
    `sha1$salt$${hex("md5")}`,
    `md5$a$b$${hex("md5")}`,
    "md5$",
    "sha1$salt$",
  ])("%s is malformed", (stored) => {
    expect(faultOf(readAs(djangoSaltedFormat, stored))).toBe("malformed");
  });
});
