import { hash, verify } from "@node-rs/bcrypt";
import type { PasswordFormat, PasswordHasher } from "../stored-hash.ts";

/**
 * The dearest cost that is verified: each step doubles the work, and 16 already takes about five seconds
 * of one core. 10 to 14 is what applications use.
 */
const BCRYPT_MAXIMUM_COST = 16;

/** bcrypt reads no more of a password than this. */
export const BCRYPT_SIGNIFICANT_BYTES = 72;

const SHAPE = /^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/;

/** bcrypt as `$2a$`, `$2b$` and `$2y$`; `$2x$` marks hashes of a broken implementation and is not read. */
export const bcryptFormat: PasswordFormat = {
  id: "bcrypt",
  read(stored) {
    if (!/^\$2[aby]\$/.test(stored)) return "unknown";
    const cost = Number(SHAPE.exec(stored)?.[1] ?? Number.NaN);
    if (Number.isNaN(cost)) return "malformed";
    if (cost > BCRYPT_MAXIMUM_COST) return "too-costly";
    return {
      format: "bcrypt",
      parameters: { cost },
      significantBytes: BCRYPT_SIGNIFICANT_BYTES,
      verify: (password) => verify(password, stored).catch(() => false),
    };
  },
};

/** Makes `$2b$` hashes of the given cost. */
export function bcryptHasher(cost: number): PasswordHasher {
  return {
    format: "bcrypt",
    maximumBytes: BCRYPT_SIGNIFICANT_BYTES,
    hash: (password) => hash(password, { cost, rejectLongPasswords: true }),
    isCurrent: ({ format, parameters }) => format === "bcrypt" && Number(parameters.cost) >= cost,
  };
}
