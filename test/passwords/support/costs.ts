import { encodeBase64 } from "../../../src/passwords/base64.ts";
import { peppered } from "../../../src/passwords/pepper.ts";

/** A bound of a format's: a text that asks for as much as it allows, and one that asks for the least more. */
export interface Limit {
  readonly format: string;
  readonly parameter: string;
  readonly most: string;
  readonly beyond: string;
}

type Write<Cost> = (cost: Cost) => string;

const bytes = (length: number) => Buffer.alloc(length, 9);
const base64 = (length: number) => bytes(length).toString("base64");
const bare = (length: number) => encodeBase64(bytes(length));
const BCRYPT_TAIL = `${"a".repeat(21)}O${"a".repeat(30)}.`;

const ofBcrypt = (cost: number) => `$2b$${cost}$${BCRYPT_TAIL}`;

/** The pepper that the marked text is marked with. */
export const PEPPER = "an invented pepper";

const BCRYPT: Readonly<Record<string, Write<number>>> = {
  bcrypt: ofBcrypt,
  "bcrypt-peppered": (cost) => peppered(ofBcrypt(cost), PEPPER),
  "bcrypt-sha256": (cost) =>
    `$bcrypt-sha256$v=2,t=2b,r=${cost}$${BCRYPT_TAIL.slice(0, 22)}$${BCRYPT_TAIL.slice(22)}`,
  "django-bcrypt": (cost) => `bcrypt$${ofBcrypt(cost)}`,
  wordpress: (cost) => `$wp$2y$${cost}$${BCRYPT_TAIL}`,
  spring: (cost) => `{bcrypt}${ofBcrypt(cost)}`,
};

interface Argon2Cost {
  readonly m?: number;
  readonly t?: number;
  readonly p?: number;
}

const ofArgon2 = ({ m = 1_024, t = 1, p = 1 }: Argon2Cost) =>
  `$argon2id$v=19$m=${m},t=${t},p=${p}$${bare(16)}$${bare(32)}`;

const ARGON2: Readonly<Record<string, Write<Argon2Cost>>> = {
  argon2: ofArgon2,
  "django-argon2": (cost) => `argon2${ofArgon2(cost)}`,
  spring: (cost) => `{argon2}${ofArgon2(cost)}`,
  keycloak: ({ m = 1_024, t = 1, p = 1 }) => {
    const names = { type: "id", version: "1.3", memory: `${m}`, parallelism: `${p}` };
    return ofKeycloak("argon2", t, 32, names);
  },
};

function ofKeycloak(
  algorithm: string,
  hashIterations: number,
  length: number,
  additionalParameters: object = {},
): string {
  return JSON.stringify({
    secretData: JSON.stringify({ value: base64(length), salt: base64(16) }),
    credentialData: JSON.stringify({ algorithm, hashIterations, additionalParameters }),
  });
}

const PBKDF2_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;
type Digest = keyof typeof PBKDF2_BYTES;
interface Pbkdf2Cost {
  readonly digest: Digest;
  readonly iterations: number;
}

const PBKDF2: Readonly<Record<string, Write<Pbkdf2Cost>>> = {
  pbkdf2: ({ digest, iterations }) =>
    `$pbkdf2-${digest}$i=${iterations}$${bare(16)}$${bare(PBKDF2_BYTES[digest])}`,
  keycloak: ({ digest, iterations }) => ofKeycloak(`pbkdf2-${digest}`, iterations, PBKDF2_BYTES[digest]),
  "aspnet-identity": ({ digest, iterations }) => {
    const head = Buffer.alloc(13, 1);
    head.writeUInt32BE(["sha1", "sha256", "sha512"].indexOf(digest), 1);
    head.writeUInt32BE(iterations, 5);
    head.writeUInt32BE(16, 9);
    return Buffer.concat([head, bytes(16 + PBKDF2_BYTES[digest])]).toString("base64");
  },
};

interface ScryptCost {
  /** The logarithm of n. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

const SCRYPT_OF_ANY_R: Readonly<Record<string, Write<ScryptCost>>> = {
  scrypt: ({ ln, r, p }) => `$scrypt$ln=${ln},r=${r},p=${p}$${bare(16)}$${bare(32)}`,
  "firebase-scrypt": ({ ln, r, p }) =>
    `$firescrypt$ln=${ln},r=${r},p=${p}$${base64(9)}$${base64(64)}$${base64(1)}$${base64(64)}`,
};
/** It has a byte each for r and p. */
const SCRYPT_OF_SMALL_R: Readonly<Record<string, Write<ScryptCost>>> = {
  spring: ({ ln, r, p }) =>
    `{scrypt}$${((ln << 16) | (r << 8) | p).toString(16)}$${base64(16)}$${base64(32)}`,
};
const SCRYPT = { ...SCRYPT_OF_ANY_R, ...SCRYPT_OF_SMALL_R };

/** The formats whose texts have a number of rounds, each with the same tail. */
const ROUNDS: Readonly<Record<string, Write<number>>> = {
  "sha512-crypt": (rounds) => `$6$rounds=${rounds}$abcdefgh$${"a".repeat(85)}.`,
  "sha256-crypt": (rounds) => `$5$rounds=${rounds}$abcdefgh$${"a".repeat(42)}.`,
  "sha1-crypt": (rounds) => `$sha1$${rounds}$abcdefgh$${"a".repeat(28)}`,
};

/** The character of crypt(3)'s alphabet that is the logarithm of the iterations. */
const ITERATIONS: Readonly<Record<string, Write<string>>> = {
  phpass: (log) => `$P$${log}abcdefgh${"a".repeat(21)}.`,
  drupal7: (log) => `$S$${log}abcdefgh${"a".repeat(43)}`,
};

function limits<Cost>(
  writers: Readonly<Record<string, Write<Cost>>>,
  parameter: string,
  [most, beyond]: readonly [Cost, Cost],
): Limit[] {
  return Object.entries(writers).map(([format, write]) => {
    return { format, parameter, most: write(most), beyond: write(beyond) };
  });
}

/** Every bound that a stored text can go beyond. */
export const LIMITS: readonly Limit[] = [
  ...limits(BCRYPT, "cost", [16, 17]),
  ...limits(ARGON2, "memory", [{ m: 262_144 }, { m: 262_145 }]),
  ...limits(ARGON2, "passes", [{ t: 16 }, { t: 17 }]),
  // 9 × 233,017 is one more than 8 × 262,144.
  ...limits(ARGON2, "memory × passes", [
    { m: 262_144, t: 8 },
    { m: 233_017, t: 9 },
  ]),
  ...limits(ARGON2, "lanes", [{ p: 16 }, { p: 17 }]),
  ...limits(PBKDF2, "iterations × blocks of SHA-1", pbkdf2("sha1", 8_000_000)),
  ...limits(PBKDF2, "iterations × blocks of SHA-224 and SHA-256", pbkdf2("sha256", 5_000_000)),
  ...limits(PBKDF2, "iterations × blocks of SHA-384 and SHA-512", pbkdf2("sha512", 2_000_000)),
  ...limits(SCRYPT, "memory (128 × n × r)", [
    { ln: 18, r: 8, p: 1 },
    { ln: 18, r: 9, p: 1 },
  ]),
  ...limits(SCRYPT, "n × r × p", [
    { ln: 14, r: 8, p: 16 },
    { ln: 14, r: 8, p: 17 },
  ]),
  ...limits(SCRYPT_OF_ANY_R, "r × p", [
    { ln: 1, r: 1, p: 1_024 },
    { ln: 1, r: 1, p: 1_025 },
  ]),
  ...limits(SCRYPT_OF_SMALL_R, "r × p", [
    { ln: 1, r: 4, p: 255 },
    { ln: 1, r: 5, p: 255 },
  ]),
  ...limits(ROUNDS, "rounds", [1_000_000, 1_000_001]),
  ...limits(ITERATIONS, "iterations", ["I", "J"]),
];

function pbkdf2(digest: Digest, most: number): readonly [Pbkdf2Cost, Pbkdf2Cost] {
  return [
    { digest, iterations: most },
    { digest, iterations: most + 1 },
  ];
}

/** What no stored text can go beyond, for its cost does not stand in the text. */
export const FIXED: readonly string[] = [
  "atlassian: iterations × blocks of SHA-1",
  "salt-key-scrypt: memory (128 × n × r)",
  "salt-key-scrypt: n × r × p",
  "salt-key-scrypt: r × p",
  "spring: iterations × blocks of SHA-1",
  "spring: iterations × blocks of SHA-224 and SHA-256",
  "spring: iterations × blocks of SHA-384 and SHA-512",
];
