import type { Configuration } from "../config/schema.ts";
import { argon2Format, argon2Hasher } from "./formats/argon2.ts";
import { aspnetIdentityFormat } from "./formats/aspnet-identity.ts";
import { atlassianFormat } from "./formats/atlassian.ts";
import { bcryptFormat, bcryptHasher } from "./formats/bcrypt.ts";
import { bcryptPepperedFormat } from "./formats/bcrypt-peppered.ts";
import { bcryptSha256Format } from "./formats/bcrypt-sha256.ts";
import { cryptWrappingFormat } from "./formats/crypt-wrapping.ts";
import { describedDigestFormat } from "./formats/described-digest.ts";
import { djangoArgon2Format } from "./formats/django-argon2.ts";
import { djangoBcryptFormat } from "./formats/django-bcrypt.ts";
import { djangoSaltedFormat } from "./formats/django-salted.ts";
import { drupal7Format } from "./formats/drupal7.ts";
import { firebaseScryptFormat } from "./formats/firebase-scrypt.ts";
import { hexDigestFormat } from "./formats/hex-digest.ts";
import { keycloakFormat } from "./formats/keycloak.ts";
import { ldapSaltedFormat } from "./formats/ldap-salted.ts";
import { ldapUnsaltedFormat } from "./formats/ldap-unsalted.ts";
import { md5CryptFormat } from "./formats/md5-crypt.ts";
import { pbkdf2Format, pbkdf2Hasher } from "./formats/pbkdf2.ts";
import { phpassFormat } from "./formats/phpass.ts";
import { refusedByNameFormat } from "./formats/refused-by-name.ts";
import { saltKeyScryptFormat } from "./formats/salt-key-scrypt.ts";
import { scryptFormat } from "./formats/scrypt.ts";
import { sha1CryptFormat } from "./formats/sha1-crypt.ts";
import { sha256CryptFormat } from "./formats/sha256-crypt.ts";
import { sha512CryptFormat } from "./formats/sha512-crypt.ts";
import { springFormat } from "./formats/spring.ts";
import { unusableFormat } from "./formats/unusable.ts";
import { wordpressFormat } from "./formats/wordpress.ts";
import type {
  FormatContext,
  FormatSettings,
  PasswordFormat,
  PasswordHasher,
  Reading,
} from "./stored-hash.ts";

/**
 * Every format that is recognised, in the order in which they are asked: what begins in a way of its own
 * first, then what the application described itself, then what is known by its shape alone.
 */
export const PASSWORD_FORMATS: readonly PasswordFormat[] = [
  unusableFormat,
  argon2Format,
  djangoArgon2Format,
  bcryptFormat,
  bcryptPepperedFormat,
  bcryptSha256Format,
  djangoBcryptFormat,
  wordpressFormat,
  pbkdf2Format,
  atlassianFormat,
  scryptFormat,
  firebaseScryptFormat,
  sha512CryptFormat,
  sha256CryptFormat,
  md5CryptFormat,
  sha1CryptFormat,
  phpassFormat,
  drupal7Format,
  // Before LDAP's: {MD5} and {SHA} mean another thing where a salt in braces follows.
  springFormat,
  ldapSaltedFormat,
  ldapUnsaltedFormat,
  cryptWrappingFormat,
  keycloakFormat,
  describedDigestFormat,
  djangoSaltedFormat,
  saltKeyScryptFormat,
  aspnetIdentityFormat,
  hexDigestFormat,
  refusedByNameFormat,
];

/** No format's texts are longer, in characters; what is beyond it is nobody's hash and is not even looked at. */
const LONGEST_TEXT = 4_096;

/** How much of a stored text is fetched: enough to see that it is too long, and never megabytes of it. */
export const FETCHED_TEXT = LONGEST_TEXT + 1;

/** Reads a stored hash by the text alone. */
export type ReadStoredHash = (stored: string) => Reading;

/** Makes the reader: the first format that does not call a text another's has it. */
export function createHashReader(settings: FormatSettings): ReadStoredHash {
  const inner: FormatContext = { settings, readInner: () => unknown("A wrapping stands inside a wrapping.") };
  const outer: FormatContext = { settings, readInner: (stored) => readWith(stored, inner) };
  return (stored) => readWith(stored, outer);
}

function readWith(stored: string, context: FormatContext): Reading {
  if (stored.length > LONGEST_TEXT) return unknown("It is longer than any format's texts.");
  for (const format of PASSWORD_FORMATS) {
    const reading = format.read(stored, context);
    if (reading !== null) return reading;
  }
  return unknown("No format has texts of this shape.");
}

const unknown = (reason: string): Reading => ({ fault: "unknown", format: null, reason });

/** What the configuration says about new hashes. */
export type HashSettings = Pick<Configuration["passwords"], "algorithm" | "bcryptCost">;

/** The hasher the configuration asks for. */
export function chooseHasher(settings: HashSettings): PasswordHasher {
  switch (settings.algorithm) {
    case "argon2id":
      return argon2Hasher();
    case "bcrypt":
      return bcryptHasher(settings.bcryptCost);
    case "pbkdf2-sha256":
      return pbkdf2Hasher();
  }
}
