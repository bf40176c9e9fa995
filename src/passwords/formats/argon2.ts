import { hash, verify } from "@node-rs/argon2";
import { decodeBase64 } from "../base64.ts";
import type { HashFault, PasswordFormat, PasswordHasher, StoredHash } from "../stored-hash.ts";

/**
 * What a stored hash may ask for before any work is done. Whoever can write one row of the users table
 * must not be able to stop the server by it.
 */
const ARGON2_BOUNDS = {
  /** KiB. libsodium's MODERATE; four at once still fit beside the rest on a server with 2 GiB. */
  memory: 262_144,
  /** Passes. Twice what RFC 9106 and every known default ask for, at the smallest memory. */
  passes: 16,
  /** KiB × passes: about two seconds on one core, whichever of the two is large. */
  work: 2_097_152,
  /** Lanes. The most that a library's default asks for is 8. */
  lanes: 16,
} as const;

const SHAPE =
  /^\$argon2(id|i|d)(?:\$v=(\d{1,3}))?\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,8})\$([^$]{1,128})\$([^$]{1,128})$/;

/** Argon2, whichever of its three variants; new hashes are argon2id. RFC 9106, PHC string format. */
export const argon2Format: PasswordFormat = {
  id: "argon2",
  read(stored) {
    if (!stored.startsWith("$argon2")) return "unknown";
    const [, variant = "", version = "16", m, t, p, salt = "", digest = ""] = SHAPE.exec(stored) ?? [];
    const parameters = { variant, version: Number(version), memory: Number(m), passes: Number(t) };
    const fault = findFault(parameters, Number(p), decodeBase64(salt), decodeBase64(digest));
    return fault ?? { format: "argon2", parameters, significantBytes: null, verify: verifier(stored) };
  },
};

function findFault(
  { version, memory, passes }: { version: number; memory: number; passes: number },
  lanes: number,
  salt: Buffer | null,
  digest: Buffer | null,
): HashFault | null {
  if (![16, 19].includes(version) || !(passes >= 1) || !(lanes >= 1) || !(memory >= 8 * lanes)) {
    return "malformed";
  }
  // RFC 9106, 3.1: a salt has at least 8 bytes; a digest under 16 would match by chance too easily.
  if (salt === null || salt.length < 8 || digest === null || digest.length < 16) return "malformed";
  const { memory: most, passes: mostPasses, work, lanes: mostLanes } = ARGON2_BOUNDS;
  const tooCostly = memory > most || passes > mostPasses || memory * passes > work || lanes > mostLanes;
  return tooCostly ? "too-costly" : null;
}

function verifier(stored: string): StoredHash["verify"] {
  return (password) => verify(stored, password).catch(() => false);
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
    // argon2id and version 19 are the library's defaults; its enums exist as types only.
    hash: (password) =>
      hash(password, {
        memoryCost: settings.memory,
        timeCost: settings.passes,
        parallelism: settings.lanes,
        outputLen: 32,
      }),
    isCurrent: ({ format, parameters }) =>
      format === "argon2" &&
      parameters.variant === "id" &&
      parameters.version === 19 &&
      Number(parameters.memory) >= settings.memory &&
      Number(parameters.passes) >= settings.passes,
  };
}
