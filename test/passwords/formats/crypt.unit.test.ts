import { describe, expect, test } from "vitest";
import { md5CryptFormat } from "../../../src/passwords/formats/md5-crypt.ts";
import { sha1CryptFormat } from "../../../src/passwords/formats/sha1-crypt.ts";
import { sha256CryptFormat } from "../../../src/passwords/formats/sha256-crypt.ts";
import { sha512CryptFormat } from "../../../src/passwords/formats/sha512-crypt.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const A = (length: number) => "a".repeat(length);
const OF_SHA512 = `${A(85)}.`;
const OF_SHA256 = `${A(42)}.`;

/** The first example of the specification, and what it is of. */
const EXAMPLE = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
const EXAMPLE_PASSWORD = "Hello world!";

describe("the crypt(3) functions", () => {
  // Made by PHP, which has no such limit, of as many x's.
  test.each([
    [512, "$1$saltsalt$juJXXaCXPVoVmrOporRR.1", true],
    [513, "$1$saltsalt$cm.vf2Tn7R0Ihq1sFCezG0", false],
  ])("md5-crypt: a password of %d bytes is %s", (length, stored, isMatch) => {
    expect(matches(readAs(md5CryptFormat, stored), "x".repeat(length))).toBe(isMatch);
  });

  test.each([
    [sha512CryptFormat, `$6$rounds=1000001$salt$${OF_SHA512}`],
    [sha512CryptFormat, `$6$rounds=999999999$salt$${OF_SHA512}`],
    [sha256CryptFormat, `$5$rounds=1000001$salt$${OF_SHA256}`],
    [sha1CryptFormat, `$sha1$1000001$salt$${A(28)}`],
    [sha1CryptFormat, `$sha1$4294967295$salt$${A(28)}`],
  ])("$id: too many rounds are refused before any work", (format, stored) => {
    expect(faultOf(readAs(format, stored))).toBe("too-costly");
  });

  test.each([
    [sha512CryptFormat, `$6$rounds=999$salt$${OF_SHA512}`],
    [sha512CryptFormat, `$6$rounds=01000$salt$${OF_SHA512}`],
    [sha512CryptFormat, `$6$rounds=$salt$${OF_SHA512}`],
    [sha512CryptFormat, `$6$rounds=5000salt$${OF_SHA512}`],
    [sha512CryptFormat, `$6$${A(17)}$${OF_SHA512}`],
    [sha512CryptFormat, `$6$salt$${A(85)}`],
    [sha512CryptFormat, `$6$salt$${OF_SHA512}\n`],
    // Two bits to spare in the last character, which are zero in all that is written.
    [sha512CryptFormat, `$6$salt$${A(86)}`],
    [sha256CryptFormat, `$5$salt$${A(43)}`],
    [sha256CryptFormat, `$5$salt$${OF_SHA512}`],
    [md5CryptFormat, `$1$salt$${A(22)}`],
    [md5CryptFormat, `$1$${A(9)}$${A(21)}.`],
    [md5CryptFormat, `$apr1$salt$${A(20)}.`],
    [sha1CryptFormat, `$sha1$0$salt$${A(28)}`],
    [sha1CryptFormat, `$sha1$1e3$salt$${A(28)}`],
    [sha1CryptFormat, `$sha1$1000$${A(65)}$${A(28)}`],
  ])("$id: %s is malformed", (format, stored) => {
    expect(faultOf(readAs(format, stored))).toBe("malformed");
  });

  test.each([
    [sha512CryptFormat, `$6$$${OF_SHA512}`],
    [sha256CryptFormat, `$5$rounds=1000$$${OF_SHA256}`],
    [md5CryptFormat, `$1$$${A(21)}.`],
    [sha1CryptFormat, `$sha1$1$$${A(28)}`],
  ])("$id: without a salt it is refused unless the configuration has it verified", (format, stored) => {
    expect(faultOf(readAs(format, stored))).toBe("refused");
    expect(faultOf(readAs(format, stored, { unsalted: "verify" }))).toBeNull();
  });

  test("the rounds are those of the text, and 5,000 where it has none", () => {
    expect(readAs(sha256CryptFormat, EXAMPLE)).toMatchObject({
      parameters: { digest: "sha256", rounds: 5_000 },
    });
    const said = EXAMPLE.replace("$5$", "$5$rounds=5000$");
    expect(matches(readAs(sha256CryptFormat, EXAMPLE), EXAMPLE_PASSWORD)).toBe(true);
    expect(matches(readAs(sha256CryptFormat, said), EXAMPLE_PASSWORD)).toBe(true);
    const fewer = EXAMPLE.replace("$5$", "$5$rounds=4999$");
    expect(matches(readAs(sha256CryptFormat, fewer), EXAMPLE_PASSWORD)).toBe(false);
  });

  // passlib, which knows no such limit, made them of as many x's.
  test.each([
    [sha256CryptFormat, 512, "$5$rounds=1000$saltsalt$Pa9TxZZyXitQLWS8rjvUuoJjn.WD2yq.W92NCwPmE7D", true],
    [sha256CryptFormat, 513, "$5$rounds=1000$saltsalt$2rPIQIjh/GJizC8Ayxiocq3RpjgLxSBXcI2vDDrFUN6", false],
    [
      sha512CryptFormat,
      512,
      "$6$rounds=1000$saltsalt$MsNDYUaAELwHnAHUP8TmEfNQQ8wN2fAx9doijoIjoGVzVzpSiJVQfGNCTbtfK5iBZc9MVcGSPvkWPCu0Rw0S4.",
      true,
    ],
    [
      sha512CryptFormat,
      513,
      "$6$rounds=1000$saltsalt$GqqGJw14s5Ckxhrb//xeRYqJZwtNJye5W/00cR0zNVLa6B8qfT6XuMMSm8E5wwhzvz/kt.3Qy.0U9Rz5v3p3s/",
      false,
    ],
  ])("$id: a password of %d bytes", (format, length, stored, isMatch) => {
    expect(matches(readAs(format, stored), "x".repeat(length))).toBe(isMatch);
  });

  test.each(["$5$", "$6$", "$1$", "$apr1$", "$sha1$"])("%s belongs to one format", (prefix) => {
    const all = [sha256CryptFormat, sha512CryptFormat, md5CryptFormat, sha1CryptFormat];
    expect(all.map((format) => readAs(format, prefix)).filter((reading) => reading !== null)).toHaveLength(1);
  });
});
