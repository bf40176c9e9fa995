import { malformed } from "../fault.ts";
import { ARGON2_BOUNDS, readArgon2 } from "../primitives/argon2.ts";
import { BCRYPT_COST, BCRYPT_SIGNIFICANT_BYTES, readBcrypt } from "../primitives/bcrypt.ts";
import { PBKDF2_BOUNDS } from "../primitives/pbkdf2.ts";
import { SCRYPT_BOUNDS } from "../primitives/scrypt.ts";
import {
  looksLikeSpringScrypt,
  readMessageDigest,
  readSpringPbkdf2,
  readSpringScrypt,
  readStandardEncoder,
} from "../primitives/spring.ts";
import type { FormatContext, PasswordFormat, Reading } from "../stored-hash.ts";

const ID = "spring";

/** Reads what follows a prefix; null where the prefix is another program's there. */
type Read = (text: string, context: FormatContext) => Reading | null;

/** The prefixes of Spring's DelegatingPasswordEncoder, as `PasswordEncoderFactories` has them. */
const PREFIXES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["bcrypt", readSpringBcrypt],
  ["argon2", (text) => readArgon2(ID, text)],
  ["argon2@SpringSecurity_v5_8", (text) => readArgon2(ID, text)],
  ["pbkdf2", (text) => readSpringPbkdf2(ID, text, { digest: "sha1", iterations: 185_000, saltBytes: 8 })],
  [
    "pbkdf2@SpringSecurity_v5_8",
    (text) => readSpringPbkdf2(ID, text, { digest: "sha256", iterations: 310_000, saltBytes: 16 }),
  ],
  ["scrypt", (text) => readSpringScrypt(ID, text)],
  ["scrypt@SpringSecurity_v5_8", (text) => readSpringScrypt(ID, text)],
  ["sha256", (text) => readStandardEncoder(ID, text)],
  // LDAP has this name too, and base64 behind it: what is no hexadecimal of this length is left to it.
  ["MD5", (text, { settings }) => readMessageDigest(ID, text, "md5", settings)],
  ["SHA-1", (text, { settings }) => readMessageDigest(ID, text, "sha1", settings) ?? malformed(ID)],
  ["SHA-256", (text, { settings }) => readMessageDigest(ID, text, "sha256", settings) ?? malformed(ID)],
  ["ldap", (text, { readInner }) => ({ ...readInner(text), format: ID })],
  ["MD4", () => refused("MD4 is broken and has no salt here that would help.")],
  ["noop", () => refused("It is the password itself, not a hash of it.")],
]);

const PREFIX = /^\{([A-Za-z0-9@_-]{1,32})\}/;

/** Spring Security's hashes, told apart by a prefix in braces; scrypt without one too. */
export const springFormat: PasswordFormat = {
  id: ID,
  title: "Spring Security's prefixes",
  writtenBy: ["Spring Security"],
  shapes: [
    "{bcrypt}$2a$",
    "{argon2}$argon2id$",
    "{argon2@SpringSecurity_v5_8}$argon2id$",
    "{pbkdf2}",
    "{pbkdf2@SpringSecurity_v5_8}",
    "{scrypt}$e0801$",
    "{scrypt@SpringSecurity_v5_8}$100801$",
    "$e0801$",
    "{sha256}",
    "{SHA-256}{salt}",
    "{SHA-1}{salt}",
    "{MD5}{salt}",
    "{ldap}",
  ],
  bounds: [BCRYPT_COST, ...ARGON2_BOUNDS, ...PBKDF2_BOUNDS, ...SCRYPT_BOUNDS],
  note: "{noop} and {MD4} are recognised and refused. {pbkdf2} is read with Spring's defaults and no secret.",
  read(stored, context) {
    if (looksLikeSpringScrypt(stored)) return readSpringScrypt(ID, stored);
    const [prefix = "", name = ""] = PREFIX.exec(stored) ?? [];
    return PREFIXES.get(name)?.(stored.slice(prefix.length), context) ?? null;
  },
};

function readSpringBcrypt(text: string): Reading {
  const hash = readBcrypt(ID, text);
  if ("fault" in hash) return hash;
  return {
    format: ID,
    parameters: { function: "bcrypt", cost: hash.cost },
    significantBytes: BCRYPT_SIGNIFICANT_BYTES,
    verify: hash.matches,
  };
}

const refused = (reason: string): Reading => ({ fault: "refused", format: ID, reason });
