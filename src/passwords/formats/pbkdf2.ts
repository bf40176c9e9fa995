import { pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { decodeAdaptedBase64, decodeBase64, decodePaddedBase64, encodeBase64 } from "../base64.ts";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, PasswordFormat, PasswordHasher } from "../stored-hash.ts";

const ITERATIONS: CostBound = {
  parameter: "iterations",
  most: 5_000_000,
  reason:
    "eight times today's recommendation and above Django's newest default: about one second of one core",
};

/** The OWASP password storage cheat sheet's number for PBKDF2-HMAC-SHA256. */
const PBKDF2_ITERATIONS = 600_000;

interface Parts {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

interface Writing {
  readonly name: string;
  readonly prefix: RegExp;
  readonly shape: RegExp;
  readonly salt: (text: string) => Buffer | null;
  readonly digest: (text: string) => Buffer | null;
}

const asText = (text: string) => Buffer.from(text, "utf8");
const asHex = (text: string) => (/^(?:[0-9a-f]{2})+$/.test(text) ? Buffer.from(text, "hex") : null);

/** The ways the same function is written down, told apart by how they begin. */
const WRITINGS: readonly Writing[] = [
  {
    name: "phc",
    prefix: /^\$pbkdf2-sha256\$i=/,
    shape: /^\$pbkdf2-sha256\$i=([1-9]\d{0,9})(?:,l=\d{1,3})?\$([^$]{1,512})\$([^$]{1,128})$/,
    salt: decodeBase64,
    digest: decodeBase64,
  },
  {
    name: "passlib",
    prefix: /^\$pbkdf2-sha256\$/,
    shape: /^\$pbkdf2-sha256\$([1-9]\d{0,9})\$([^$]{1,512})\$([^$]{1,128})$/,
    salt: decodeAdaptedBase64,
    digest: decodeAdaptedBase64,
  },
  {
    name: "django",
    prefix: /^pbkdf2_sha256\$/,
    shape: /^pbkdf2_sha256\$([1-9]\d{0,9})\$([^$]{1,512})\$([^$]{1,128})$/,
    salt: asText,
    digest: decodePaddedBase64,
  },
  {
    name: "werkzeug",
    prefix: /^pbkdf2:sha256:/,
    shape: /^pbkdf2:sha256:([1-9]\d{0,9})\$([^$]{1,512})\$([^$]{1,128})$/,
    salt: asText,
    digest: asHex,
  },
];

/** PBKDF2 with HMAC-SHA256 (RFC 8018), as PHC strings, passlib, Django and Werkzeug write it. */
export const pbkdf2Format: PasswordFormat = {
  id: "pbkdf2",
  title: "PBKDF2",
  writtenBy: ["Authgraft", "passlib", "Django", "Werkzeug"],
  shapes: ["$pbkdf2-sha256$i=", "$pbkdf2-sha256$", "pbkdf2_sha256$", "pbkdf2:sha256:"],
  bounds: [ITERATIONS],
  read(stored) {
    const writing = WRITINGS.find(({ prefix }) => prefix.test(stored));
    if (writing === undefined) return null;
    const parts = parse(writing, stored);
    if (parts === null) return malformed("pbkdf2");
    if (parts.iterations > ITERATIONS.most) return tooCostly("pbkdf2", ITERATIONS);
    return {
      format: "pbkdf2",
      parameters: { digest: "sha256", iterations: parts.iterations, writing: writing.name },
      significantBytes: null,
      verify: (password) => matches(parts, password),
    };
  },
};

function parse({ shape, salt: readSalt, digest: readDigest }: Writing, stored: string): Parts | null {
  const [, iterations, saltText = "", digestText = ""] = shape.exec(stored) ?? [];
  const [salt, digest] = [readSalt(saltText), readDigest(digestText)];
  // SHA-256 gives 32 bytes a block; a digest under 16 would match by chance too easily.
  if (salt === null || digest === null || digest.length < 16 || digest.length > 64) return null;
  return { iterations: Number(iterations), salt, digest };
}

function matches({ iterations, salt, digest }: Parts, password: Uint8Array): boolean {
  return timingSafeEqual(pbkdf2Sync(password, salt, iterations, digest.length, "sha256"), digest);
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
