import { decodeBase64, decodeHex, decodePaddedBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { decodeCryptBase64, readCryptNumber } from "../primitives/crypt-base64.ts";
import { readScrypt, SCRYPT_BOUNDS, type ScryptParts } from "../primitives/scrypt.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const asText = (text: string) => Buffer.from(text, "utf8");

/** Two of the writings may have no salt at all. */
const orEmpty = (decode: (text: string) => Buffer | null) => (text: string) =>
  text === "" ? Buffer.alloc(0) : decode(text);

interface Writing {
  readonly prefix: string;
  /** With the groups n, r, p, salt and key. */
  readonly shape: RegExp;
  readonly n: (text: string) => number;
  /** How r and p are read. */
  readonly number: (text: string) => number;
  readonly salt: (text: string) => Buffer | null;
  readonly key: (text: string) => Buffer | null;
}

const POSITIVE = "[1-9]\\d{0,9}";

/** The ways the same function is written down, told apart by how they begin. */
const WRITINGS: readonly Writing[] = [
  {
    prefix: "$scrypt$",
    shape: new RegExp(
      `^\\$scrypt\\$ln=(?<n>[1-9]\\d?),r=(?<r>${POSITIVE}),p=(?<p>${POSITIVE})\\$(?<salt>[^$]{0,512})\\$(?<key>[^$]{1,256})$`,
    ),
    n: (text) => 2 ** Number(text),
    number: Number,
    salt: orEmpty(decodeBase64),
    key: decodeBase64,
  },
  {
    // Salt and digest as RFC 7914's author and libsodium write them: the salt is the text itself.
    prefix: "$7$",
    shape:
      /^\$7\$(?<n>[./0-9A-Za-z])(?<r>[./0-9A-Za-z]{5})(?<p>[./0-9A-Za-z]{5})(?<salt>[^$]{0,128})\$(?<key>[./0-9A-Za-z]{43})$/,
    n: (text) => 2 ** readCryptNumber(text),
    number: readCryptNumber,
    salt: asText,
    key: decodeCryptBase64,
  },
  {
    // Werkzeug.
    prefix: "scrypt:",
    shape: new RegExp(
      `^scrypt:(?<n>${POSITIVE}):(?<r>${POSITIVE}):(?<p>${POSITIVE})\\$(?<salt>[^$]{1,512})\\$(?<key>[0-9a-f]{1,256})$`,
    ),
    n: Number,
    number: Number,
    salt: asText,
    key: decodeHex,
  },
  {
    // Django, which puts the salt after the first of the numbers.
    prefix: "scrypt$",
    shape: new RegExp(
      `^scrypt\\$(?<n>${POSITIVE})\\$(?<salt>[^$]{1,512})\\$(?<r>${POSITIVE})\\$(?<p>${POSITIVE})\\$(?<key>[^$]{1,256})$`,
    ),
    n: Number,
    number: Number,
    salt: asText,
    key: decodePaddedBase64,
  },
];

/** scrypt (RFC 7914) as PHC strings, passlib, libsodium, Werkzeug and Django write it. */
export const scryptFormat: PasswordFormat = {
  id: "scrypt",
  title: "scrypt",
  writtenBy: ["passlib", "libsodium", "libxcrypt", "Werkzeug", "Django"],
  shapes: ["$scrypt$ln=", "$7$", "scrypt:32768:8:1$", "scrypt$16384$"],
  bounds: SCRYPT_BOUNDS,
  read(stored) {
    const writing = WRITINGS.find(({ prefix }) => stored.startsWith(prefix));
    if (writing === undefined) return null;
    const parts = parse(writing, stored);
    return parts === null ? malformed("scrypt") : readScrypt("scrypt", parts);
  },
};

function parse(writing: Writing, stored: string): ScryptParts | null {
  const groups = writing.shape.exec(stored)?.groups ?? {};
  const { n = "", r = "", p = "" } = groups;
  const [salt, key] = [writing.salt(groups.salt ?? ""), writing.key(groups.key ?? "")];
  if (salt === null || key === null) return null;
  return { cost: { n: writing.n(n), r: writing.number(r), p: writing.number(p) }, salt, key };
}
