import { scryptSync, timingSafeEqual } from "node:crypto";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, Reading, Unverifiable } from "../stored-hash.ts";

const MEMORY: CostBound = {
  parameter: "memory (128 × n × r)",
  most: 268_435_456,
  unit: "bytes",
  reason: "twice the OWASP recommendation; four at once still fit beside the rest on a server with 2 GiB",
};
const WORK: CostBound = {
  parameter: "n × r × p",
  most: 2_097_152,
  reason: "twice the OWASP recommendation: about two seconds of one core",
};
const BLOCKS: CostBound = {
  parameter: "r × p",
  most: 1_024,
  reason: "known writers stay below 130; each is 128 bytes more to hold and to make by PBKDF2",
};

/** The bounds of whatever format has scrypt in it. */
export const SCRYPT_BOUNDS: readonly CostBound[] = [MEMORY, WORK, BLOCKS];

/** OpenSSL counts n + p + 2 blocks of 128 × r bytes. */
const MOST_MEMORY = MEMORY.most + 3 * 128 * BLOCKS.most;

/** scrypt's own names: n is the cost, r the block size, p the parallelisation. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/**
 * What is wrong with a stored cost, if anything: n must be a power of two above 1 and below 2^(16r).
 *
 * @see https://www.rfc-editor.org/rfc/rfc7914#section-6
 */
export function findScryptFault(format: string, { n, r, p }: ScryptCost): Unverifiable | null {
  const power = Math.round(Math.log2(n));
  if (!(n >= 2 && r >= 1 && p >= 1) || 2 ** power !== n) return malformed(format);
  // RFC 7914, 6: p is at most (2^32 - 1) · 32 / (128 · r).
  if (r * p >= 2 ** 30) return malformed(format, "Its r and p are larger than scrypt has them.");
  if (power >= 16 * r) return malformed(format, "Its n is too large for its r.");
  const asked: readonly [CostBound, number][] = [
    [MEMORY, 128 * n * r],
    [WORK, n * r * p],
    [BLOCKS, r * p],
  ];
  const [beyond] = asked.find(([bound, value]) => value > bound.most) ?? [];
  return beyond === undefined ? null : tooCostly(format, beyond);
}

/** Runs scrypt within the bounds that `findScryptFault` has looked at. */
export function deriveScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  length: number,
  { n, r, p }: ScryptCost,
): Buffer {
  return scryptSync(password, salt, length, { N: n, r, p, maxmem: MOST_MEMORY });
}

/** Cost, salt and key of a stored hash. */
export interface ScryptParts {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** Makes the reading of scrypt on behalf of a format. */
export function readScrypt(format: string, { cost, salt, key }: ScryptParts): Reading {
  // A key under 16 bytes would match by chance too easily; none is known to be longer than 128.
  if (key.length < 16 || key.length > 128) return malformed(format);
  return (
    findScryptFault(format, cost) ?? {
      format,
      parameters: { ...cost },
      significantBytes: null,
      verify: (password) => timingSafeEqual(deriveScrypt(password, salt, key.length, cost), key),
    }
  );
}
