import { timingSafeEqual } from "node:crypto";
import { hashRawSync, hashSync } from "@node-rs/argon2";
import { decodeBase64 } from "../base64.ts";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, PasswordFormat, PasswordHasher, Reading, StoredHash } from "../stored-hash.ts";

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

const SHAPE =
  /^\$argon2(id|i|d)(?:\$v=(\d{1,3}))?\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,8})\$([^$]{1,128})\$([^$]{1,128})$/;

/** The library's enums exist as types only. RFC 9106, 3.1: type y and version v. */
const VARIANT = { d: 0, i: 1, id: 2 } as const;
const VERSION = { "16": 0, "19": 1 } as const;

/** Argon2, whichever of its three variants and two versions; new hashes are argon2id. RFC 9106, PHC string format. */
export const argon2Format: PasswordFormat = {
  id: "argon2",
  title: "Argon2id, Argon2i, Argon2d",
  writtenBy: ["Authgraft", "passlib", "argon2-cffi", "PHP", "libsodium", "node-argon2", "Spring Security"],
  shapes: ["$argon2id$v=19$", "$argon2i$v=19$", "$argon2d$v=19$", "$argon2i$m= (version 16)"],
  bounds: [MEMORY, PASSES, WORK, LANES],
  read(stored) {
    if (!stored.startsWith("$argon2")) return null;
    const [, variant = "", version = "16", m, t, p, salt = "", digest = ""] = SHAPE.exec(stored) ?? [];
    if (!isOneOf(VARIANT, variant) || !isOneOf(VERSION, version)) return malformed("argon2");
    const cost = { memory: Number(m), passes: Number(t), lanes: Number(p) };
    const [saltBytes, digestBytes] = [decodeBase64(salt), decodeBase64(digest)];
    const fault = findFault(cost, saltBytes, digestBytes);
    if (fault !== null || saltBytes === null || digestBytes === null) return fault ?? malformed("argon2");
    const derive = deriver({ variant, version, ...cost, salt: saltBytes, length: digestBytes.length });
    return {
      format: "argon2",
      parameters: { variant, version: Number(version), ...cost },
      significantBytes: null,
      verify: (password) => timingSafeEqual(derive(password), digestBytes),
    };
  },
};

const isOneOf = <Key extends string>(of: Readonly<Record<Key, unknown>>, key: string): key is Key =>
  Object.hasOwn(of, key);

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

function findFault(
  { memory, passes, lanes }: Cost,
  salt: Buffer | null,
  digest: Buffer | null,
): Reading | null {
  if (!(passes >= 1) || !(lanes >= 1) || !(memory >= 8 * lanes)) return malformed("argon2");
  // RFC 9106, 3.1: a salt has at least 8 bytes; a digest under 16 would match by chance too easily.
  if (salt === null || salt.length < 8 || digest === null || digest.length < 16) return malformed("argon2");
  const asked: readonly [CostBound, number][] = [
    [MEMORY, memory],
    [PASSES, passes],
    [WORK, memory * passes],
    [LANES, lanes],
  ];
  const [beyond] = asked.find(([bound, value]) => value > bound.most) ?? [];
  return beyond === undefined ? null : tooCostly("argon2", beyond);
}

interface Argon2 extends Cost {
  readonly variant: keyof typeof VARIANT;
  readonly version: keyof typeof VERSION;
  readonly salt: Buffer;
  readonly length: number;
}

function deriver({ variant, version, memory, passes, lanes, salt, length }: Argon2) {
  return (password: Uint8Array): Buffer =>
    hashRawSync(password, {
      algorithm: VARIANT[variant],
      version: VERSION[version],
      memoryCost: memory,
      timeCost: passes,
      parallelism: lanes,
      outputLen: length,
      salt,
    });
}

/** What new argon2id hashes cost. */
export interface Argon2Settings {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** 19 MiB, 2 passes, 1 lane: the OWASP password storage cheat sheet's first choice. */
const ARGON2_DEFAULTS: Argon2Settings = { memory: 19_456, passes: 2, lanes: 1 };

/** Makes argon2id hashes (version 19, 16 bytes of salt, 32 of digest). */
export function argon2Hasher(settings: Argon2Settings = ARGON2_DEFAULTS): PasswordHasher {
  return {
    format: "argon2",
    maximumBytes: null,
    // argon2id and version 19 are the library's defaults.
    hash: (password) =>
      hashSync(password, {
        memoryCost: settings.memory,
        timeCost: settings.passes,
        parallelism: settings.lanes,
        outputLen: 32,
      }),
    isCurrent: (stored) => isAtLeast(stored, settings),
  };
}

function isAtLeast({ format, parameters }: StoredHash, { memory, passes }: Argon2Settings): boolean {
  return (
    format === "argon2" &&
    parameters.variant === "id" &&
    parameters.version === 19 &&
    Number(parameters.memory) >= memory &&
    Number(parameters.passes) >= passes
  );
}
