import { hashSync } from "@node-rs/argon2";
import { ARGON2_BOUNDS, readArgon2 } from "../primitives/argon2.ts";
import type { PasswordFormat, PasswordHasher, StoredHash } from "../stored-hash.ts";

/** Argon2, whichever of its three variants and two versions; new hashes are argon2id. RFC 9106, PHC string format. */
export const argon2Format: PasswordFormat = {
  id: "argon2",
  title: "Argon2id, Argon2i, Argon2d",
  writtenBy: ["Authgraft", "passlib", "argon2-cffi", "PHP", "libsodium", "node-argon2", "Spring Security"],
  shapes: ["$argon2id$v=19$", "$argon2i$v=19$", "$argon2d$v=19$", "$argon2i$m= (version 16)"],
  bounds: ARGON2_BOUNDS,
  note: "Hashes with keyid or data are recognised and refused.",
  read: (stored) => (stored.startsWith("$argon2") ? readArgon2("argon2", stored) : null),
};

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
