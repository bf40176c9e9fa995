import { createHash, createHmac } from "node:crypto";
import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import { drupal7Format } from "../../../src/passwords/formats/drupal7.ts";
import { phpassFormat } from "../../../src/passwords/formats/phpass.ts";
import { wordpressFormat } from "../../../src/passwords/formats/wordpress.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const MD5 = `abcdefgh${"a".repeat(21)}.`;
const SHA512 = `abcdefgh${"a".repeat(43)}`;

describe("phpass and Drupal 7", () => {
  test.each([
    [phpassFormat, `$P$J${MD5}`],
    [phpassFormat, `U$H$J${MD5}`],
    [drupal7Format, `$S$J${SHA512}`],
    [drupal7Format, `U$S$S${SHA512}`],
  ])("$id: 2^21 iterations and more are refused before any work", (format, stored) => {
    expect(faultOf(readAs(format, stored))).toBe("too-costly");
  });

  test("2^20 iterations are still read", () => {
    expect(readAs(phpassFormat, `$P$I${MD5}`)).toMatchObject({
      parameters: { digest: "md5", iterations: 1_048_576 },
    });
  });

  test.each([
    // 2^6 and 2^31 are beyond what phpass itself allows.
    [phpassFormat, `$P$4${MD5}`],
    [phpassFormat, `$P$T${MD5}`],
    [phpassFormat, `$P$9${MD5}.`],
    [phpassFormat, `$P$9${MD5.slice(0, -1)}a`],
    [phpassFormat, "$H$"],
    [drupal7Format, `$S$4${SHA512}`],
    [drupal7Format, `$S$9${SHA512}a`],
    [drupal7Format, "U$S$"],
  ])("$id: %s is malformed", (format, stored) => {
    expect(faultOf(readAs(format, stored))).toBe("malformed");
  });

  // Made elsewhere, without the programs' own limits, of as many x's.
  test.each([
    [phpassFormat, 512, "$P$5saltsaltxfPuFZYx9wBTgChJpuDGb0", true],
    // As long as phpass allows, a password would take ten times what the bound of the iterations promises.
    [phpassFormat, 513, "$P$5saltsaltwhXcf2GaJAjkSTAFsq/9o1", false],
    [phpassFormat, 4_096, "$P$5saltsalt42kjxKENeQkWXx8cFw2K..", false],
    [drupal7Format, 512, "$S$5saltsaltnV647QG8jc6c1wykRswTrbxoaIm5YqgcQxoJQqp9taF", true],
    [drupal7Format, 513, "$S$5saltsalt5m3zANp0vVOVuCSf11TezQuoqdbO9l.t4FH827IDqCU", false],
  ])("$id: a password of %d bytes", (format, length, stored, isMatch) => {
    expect(matches(readAs(format, stored), "x".repeat(length))).toBe(isMatch);
  });
});

describe("WordPress 6.8", () => {
  const prehash = createHmac("sha384", "wp-sha384").update("correct horse").digest("base64");
  const stored = `$wp${hashSync(prehash, { cost: 4 }).replace("$2b$", "$2y$")}`;

  test("spaces around a password do not count, those in it do", () => {
    for (const typed of ["correct horse", " correct horse\n", "\t\0correct horse\v\r"]) {
      expect(matches(readAs(wordpressFormat, stored), typed)).toBe(true);
    }
    expect(matches(readAs(wordpressFormat, stored), "correcthorse")).toBe(false);
    // PHP's trim() knows the ASCII ones only.
    expect(matches(readAs(wordpressFormat, stored), "\u00a0correct horse")).toBe(false);
  });

  test("all of a long password counts", () => {
    const long = "x".repeat(72);
    const digest = createHmac("sha384", "wp-sha384").update(`${long}a`).digest("base64");
    const reading = readAs(wordpressFormat, `$wp${hashSync(digest, { cost: 4 })}`);
    expect(reading).toMatchObject({ significantBytes: null });
    expect(matches(reading, `${long}a`)).toBe(true);
    expect(matches(reading, `${long}b`)).toBe(false);
  });

  test.each([
    [`$wp$2y$17$${"a".repeat(53)}`, "too-costly"],
    [`$wp$2y$10$${"a".repeat(52)}`, "malformed"],
    [`$wp$${createHash("md5").update("x").digest("hex")}`, "malformed"],
  ])("%s is %s", (text, fault) => {
    expect(faultOf(readAs(wordpressFormat, text))).toBe(fault);
  });
});
