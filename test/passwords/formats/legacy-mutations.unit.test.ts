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
import { testMutations } from "./test-mutations.ts";

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

testMutations({
  ...{ formats: FORMATS, settings: SETTINGS, seeds: SEEDS, runs: 3_000 },
  isCheap: (stored, reading) => classOf(stored, reading).weight < DEAR,
});
