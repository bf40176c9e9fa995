import { pbkdf2Sync, randomBytes } from "node:crypto";
import { decodeAdaptedBase64, decodeBase64, decodeHex, decodePaddedBase64, encodeBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { isPbkdf2Digest, PBKDF2_BOUNDS, readPbkdf2 } from "../primitives/pbkdf2.ts";
import type { PasswordFormat, PasswordHasher } from "../stored-hash.ts";

/** The OWASP password storage cheat sheet's number for PBKDF2-HMAC-SHA256. */
const PBKDF2_ITERATIONS = 600_000;

interface Writing {
  readonly name: string;
  readonly prefix: RegExp;
  /** Digest (SHA-1 where there is none), iterations, length of the key where it is told, salt, key. */
  readonly shape: RegExp;
  readonly salt: (text: string) => Buffer | null;
  readonly key: (text: string) => Buffer | null;
}

const asText = (text: string) => Buffer.from(text, "utf8");

const DIGEST = "(sha1|sha224|sha256|sha384|sha512)";
const ITERATIONS = "([1-9]\\d{0,9})";
const NO_LENGTH = "()";
const SALT_AND_KEY = "\\$([^$]{1,512})\\$([^$]{1,256})$";

/** The ways the same function is written down, told apart by how they begin. */
const WRITINGS: readonly Writing[] = [
  {
    name: "phc",
    prefix: /^\$pbkdf2(?:-[a-z0-9]{1,8})?\$i=/,
    shape: new RegExp(`^\\$pbkdf2(?:-${DIGEST})?\\$i=${ITERATIONS}(?:,l=(\\d{1,3}))?${SALT_AND_KEY}`),
    salt: decodeBase64,
    key: decodeBase64,
  },
  {
    name: "passlib",
    prefix: /^\$pbkdf2(?:-[a-z0-9]{1,8})?\$/,
    shape: new RegExp(`^\\$pbkdf2(?:-${DIGEST})?\\$${ITERATIONS}${NO_LENGTH}${SALT_AND_KEY}`),
    salt: decodeAdaptedBase64,
    key: decodeAdaptedBase64,
  },
  {
    name: "django",
    prefix: /^pbkdf2_sha/,
    shape: new RegExp(`^pbkdf2_${DIGEST}\\$${ITERATIONS}${NO_LENGTH}${SALT_AND_KEY}`),
    salt: asText,
    key: decodePaddedBase64,
  },
  {
    name: "werkzeug",
    prefix: /^pbkdf2:/,
    shape: new RegExp(`^pbkdf2:${DIGEST}:${ITERATIONS}${NO_LENGTH}${SALT_AND_KEY}`),
    salt: asText,
    key: decodeHex,
  },
  {
    name: "ldap",
    prefix: /^\{PBKDF2(?:-SHA\d{1,3})?\}/,
    shape: new RegExp(`^\\{PBKDF2(?:-${DIGEST.toUpperCase()})?\\}${ITERATIONS}${NO_LENGTH}${SALT_AND_KEY}`),
    salt: decodeAdaptedBase64,
    key: decodeAdaptedBase64,
  },
];

/** PBKDF2 (RFC 8018) as PHC strings, passlib, Django, Werkzeug and OpenLDAP write it. */
export const pbkdf2Format: PasswordFormat = {
  id: "pbkdf2",
  title: "PBKDF2",
  writtenBy: ["Authgraft", "passlib", "Django", "Werkzeug", "OpenLDAP", "Ory Kratos"],
  shapes: [
    "$pbkdf2-sha256$i=",
    "$pbkdf2-sha512$i=",
    "$pbkdf2$",
    "$pbkdf2-sha256$",
    "$pbkdf2-sha512$",
    "pbkdf2_sha256$",
    "pbkdf2_sha1$",
    "pbkdf2:sha256:",
    "{PBKDF2}",
    "{PBKDF2-SHA256}",
    "{PBKDF2-SHA512}",
  ],
  bounds: PBKDF2_BOUNDS,
  read(stored) {
    const writing = WRITINGS.find(({ prefix }) => prefix.test(stored));
    return writing === undefined ? null : readWriting(writing, stored);
  },
};

function readWriting({ name, shape, ...decode }: Writing, stored: string) {
  const [, digestText = "sha1", iterations, length = "", saltText = "", keyText = ""] =
    shape.exec(stored) ?? [];
  const [digest, salt, key] = [digestText.toLowerCase(), decode.salt(saltText), decode.key(keyText)];
  if (!isPbkdf2Digest(digest) || salt === null || key === null) return malformed("pbkdf2");
  if (length !== "" && Number(length) !== key.length) return malformed("pbkdf2");
  return readPbkdf2("pbkdf2", { digest, iterations: Number(iterations), salt, key }, { writing: name });
}

/** Makes PHC strings with 16 bytes of salt and 32 of digest. */
export function pbkdf2Hasher(iterations: number = PBKDF2_ITERATIONS): PasswordHasher {
  return {
    format: "pbkdf2",
    maximumBytes: null,
    hash(password) {
      const salt = randomBytes(16);
      const digest = pbkdf2Sync(password, salt, iterations, 32, "sha256");
      return `$pbkdf2-sha256$i=${iterations}$${encodeBase64(salt)}$${encodeBase64(digest)}`;
    },
    isCurrent: ({ format, parameters }) =>
      format === "pbkdf2" &&
      parameters.digest === "sha256" &&
      parameters.writing === "phc" &&
      Number(parameters.iterations) >= iterations,
  };
}
