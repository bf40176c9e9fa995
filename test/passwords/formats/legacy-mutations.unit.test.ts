import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cryptWrappingFormat } from "../../../src/passwords/formats/crypt-wrapping.ts";
import { describedDigestFormat } from "../../../src/passwords/formats/described-digest.ts";
import { djangoSaltedFormat } from "../../../src/passwords/formats/django-salted.ts";
import { drupal7Format } from "../../../src/passwords/formats/drupal7.ts";
import { hexDigestFormat } from "../../../src/passwords/formats/hex-digest.ts";
import { ldapSaltedFormat } from "../../../src/passwords/formats/ldap-salted.ts";
import { ldapUnsaltedFormat } from "../../../src/passwords/formats/ldap-unsalted.ts";
import { md5CryptFormat } from "../../../src/passwords/formats/md5-crypt.ts";
import { phpassFormat } from "../../../src/passwords/formats/phpass.ts";
import { refusedByNameFormat } from "../../../src/passwords/formats/refused-by-name.ts";
import { sha1CryptFormat } from "../../../src/passwords/formats/sha1-crypt.ts";
import { sha256CryptFormat } from "../../../src/passwords/formats/sha256-crypt.ts";
import { sha512CryptFormat } from "../../../src/passwords/formats/sha512-crypt.ts";
import { unusableFormat } from "../../../src/passwords/formats/unusable.ts";
import { wordpressFormat } from "../../../src/passwords/formats/wordpress.ts";
import { classOf } from "../../../src/passwords/hash-class.ts";
import { isVerifiable } from "../../../src/passwords/stored-hash.ts";
import { readAs } from "./reading.ts";

const FORMATS = [
  unusableFormat,
  sha512CryptFormat,
  sha256CryptFormat,
  md5CryptFormat,
  sha1CryptFormat,
  phpassFormat,
  drupal7Format,
  wordpressFormat,
  ldapSaltedFormat,
  ldapUnsaltedFormat,
  cryptWrappingFormat,
  describedDigestFormat,
  djangoSaltedFormat,
  hexDigestFormat,
  refusedByNameFormat,
];

const A = (length: number) => "a".repeat(length);
const base64 = (length: number) => Buffer.alloc(length, 9).toString("base64");

/** One text for each way of writing, as cheap as its format lets it be. */
const SEEDS: readonly string[] = [
  `$6$rounds=1000$saltsalt$${A(85)}.`,
  `$5$rounds=1000$saltsalt$${A(42)}.`,
  `$1$saltsalt$${A(21)}.`,
  `$apr1$saltsalt$${A(21)}.`,
  `$sha1$2$saltsalt$${A(28)}`,
  `$P$5saltsalt${A(21)}.`,
  `U$H$5saltsalt${A(21)}.`,
  `$S$5saltsalt${A(43)}`,
  `$wp$2y$04$${A(21)}O${A(30)}.`,
  `{SSHA}${base64(28)}`,
  `{SMD5}${base64(24)}`,
  `{SSHA512}${base64(80)}`,
  `{SHA}${base64(20)}`,
  `{MD5-CRYPT}$1$saltsalt$${A(21)}.`,
  `~salt~${A(64)}~`,
  `md5$salt$${A(32)}`,
  `sha1$$${A(40)}`,
  A(32),
  A(128),
];

const SETTINGS = {
  unsalted: "verify",
  digests: [
    {
      algorithm: "sha256",
      order: "hmac",
      layout: "~{salt}~{digest}~",
      digestEncoding: "hex",
      saltEncoding: "text",
      iterations: 2,
      iterateOver: "hex",
    },
  ],
} as const;

/** Dear enough that hundreds of them would slow the suite: read, but not verified. */
const DEAR = 5_000;

function readByAll(stored: string) {
  return FORMATS.map((format) => readAs(format, stored, SETTINGS, FORMATS)).filter(
    (reading) => reading !== null,
  );
}

describe("whatever a stored text is", () => {
  test("each seed is one format's, and its alone", () => {
    for (const seed of SEEDS) expect([seed, readByAll(seed).filter(isVerifiable).length]).toEqual([seed, 1]);
  });

  test("mutated or made up, it is at most one format's, and no error escapes", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 3, unit: "binary" }),
      fc.constantFrom("$", "", "0", "9", "=", "{", "~"),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...SEEDS), fc.nat(130), piece)
      .map(([seed, at, change]) => seed.slice(0, at) + change + seed.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, fc.string({ unit: "binary" })), (stored) => {
        const readings = readByAll(stored);
        expect(readings.length).toBeLessThan(2);
        for (const reading of readings.filter(isVerifiable)) {
          if (classOf(stored, reading).weight < DEAR) {
            expect(reading.verify(Buffer.from("not it, surely"))).toBe(false);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
