import { timingSafeEqual } from "node:crypto";
import { hashRawSync } from "@node-rs/argon2";
import { decodeBase64 } from "../base64.ts";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, Reading, Unverifiable } from "../stored-hash.ts";

/**
 * What a stored hash may ask for before any work is done. Whoever can write one row of the users table
 * must not be able to stop the server by it.
 */
const MEMORY: CostBound = {
  parameter: "memory",
  most: 262_144,
  unit: "KiB",
  reason: "libsodium's MODERATE; four at once still fit beside the rest on a server with 2 GiB",
};
const PASSES: CostBound = {
  parameter: "passes",
  most: 16,
  reason: "twice what RFC 9106 and every known default ask for, at the smallest memory",
};
const WORK: CostBound = {
  parameter: "memory × passes",
  most: 2_097_152,
  unit: "KiB",
  reason: "about two seconds of one core, whichever of the two is large",
};
const LANES: CostBound = {
  parameter: "lanes",
  most: 16,
  reason: "the most that a library's default asks for is 8",
};

/** The bounds of whatever format has Argon2 in it. */
export const ARGON2_BOUNDS: readonly CostBound[] = [MEMORY, PASSES, WORK, LANES];

const SHAPE =
  /^\$argon2(id|i|d)(?:\$v=(\d{1,3}))?\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,7})(,keyid=[A-Za-z0-9+/]{0,11})?(,data=[A-Za-z0-9+/]{0,43})?\$([^$]{1,128})\$([^$]{1,128})$/;

/** The library's enums exist as types only. RFC 9106, 3.1: type y and version v. */
const VARIANT = { d: 0, i: 1, id: 2 } as const;
const VERSION = { "16": 0, "19": 1 } as const;

/** Reads a PHC string on behalf of a format. */
export function readArgon2(format: string, text: string): Reading {
  const [, variant = "", version = "16", m, t, p, keyId, data, saltText = "", digestText = ""] =
    SHAPE.exec(text) ?? [];
  if (!isOneOf(VARIANT, variant) || !isOneOf(VERSION, version)) return malformed(format);
  if (keyId !== undefined || data !== undefined) return keyed(format);
  const cost = { memory: Number(m), passes: Number(t), lanes: Number(p) };
  const [salt, digest] = [decodeBase64(saltText), decodeBase64(digestText)];
  if (salt === null || digest === null || !isPossible(cost, salt, digest)) return malformed(format);
  const beyond = findBeyond(cost);
  if (beyond !== undefined) return tooCostly(format, beyond);
  return {
    format,
    parameters: { variant, version: Number(version), ...cost },
    // Lanes share out the same memory, and the version changes the result, not the work.
    weight: cost.memory * cost.passes,
    significantBytes: null,
    verify: (password) =>
      timingSafeEqual(derive(password, { variant, version, ...cost, salt, length: digest.length }), digest),
  };
}

const isOneOf = <Key extends string>(of: Readonly<Record<Key, unknown>>, key: string): key is Key =>
  Object.hasOwn(of, key);

/** Both are further inputs of the function; neither the key nor a way to hand over the data is there. */
const keyed = (format: string): Unverifiable => ({
  fault: "refused",
  format,
  reason: "It was made with a key or associated data (keyid, data), which no common library verifies.",
});

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** RFC 9106, 3.1: a salt has at least 8 bytes; a digest under 16 would match by chance too easily. */
/** RFC 9106, 3.1: memory and passes are numbers of 32 bits. */
const LARGEST = 2 ** 32 - 1;

const isPossible = ({ memory, passes, lanes }: Cost, salt: Buffer, digest: Buffer): boolean =>
  Math.max(memory, passes) <= LARGEST &&
  passes >= 1 &&
  lanes >= 1 &&
  memory >= 8 * lanes &&
  salt.length >= 8 &&
  digest.length >= 16;

function findBeyond({ memory, passes, lanes }: Cost): CostBound | undefined {
  const asked: readonly [CostBound, number][] = [
    [MEMORY, memory],
    [PASSES, passes],
    [WORK, memory * passes],
    [LANES, lanes],
  ];
  return asked.find(([bound, value]) => value > bound.most)?.[0];
}

interface Argon2 extends Cost {
  readonly variant: keyof typeof VARIANT;
  readonly version: keyof typeof VERSION;
  readonly salt: Buffer;
  readonly length: number;
}

function derive(password: Uint8Array, { variant, version, memory, passes, lanes, salt, length }: Argon2) {
  return hashRawSync(password, {
    algorithm: VARIANT[variant],
    version: VERSION[version],
    memoryCost: memory,
    timeCost: passes,
    parallelism: lanes,
    outputLen: length,
    salt,
  });
}
