import { hashSync, verifySync } from "@node-rs/bcrypt";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, PasswordFormat, PasswordHasher } from "../stored-hash.ts";

const COST: CostBound = {
  parameter: "cost",
  most: 16,
  reason:
    "each step doubles the work, and 16 already takes about five seconds of one core; 10 to 14 is usual",
};

/** bcrypt reads no more of a password than this. */
export const BCRYPT_SIGNIFICANT_BYTES = 72;

const SHAPE = /^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/;

/** bcrypt as `$2a$`, `$2b$` and `$2y$`. */
export const bcryptFormat: PasswordFormat = {
  id: "bcrypt",
  title: "bcrypt",
  writtenBy: ["Authgraft", "PHP", "Rails", "Devise", "Laravel", "passlib", "node-bcrypt", "Auth0", "Go"],
  shapes: ["$2a$", "$2b$", "$2y$"],
  bounds: [COST],
  read(stored) {
    if (!/^\$2[aby]\$/.test(stored)) return null;
    const cost = Number(SHAPE.exec(stored)?.[1] ?? Number.NaN);
    if (Number.isNaN(cost)) return malformed("bcrypt");
    if (cost > COST.most) return tooCostly("bcrypt", COST);
    return {
      format: "bcrypt",
      parameters: { cost },
      significantBytes: BCRYPT_SIGNIFICANT_BYTES,
      verify: (password) => verifySync(password, stored),
    };
  },
};

/** Makes `$2b$` hashes of the given cost. */
export function bcryptHasher(cost: number): PasswordHasher {
  return {
    format: "bcrypt",
    maximumBytes: BCRYPT_SIGNIFICANT_BYTES,
    hash: (password) => hashSync(password, { cost, rejectLongPasswords: true }),
    isCurrent: ({ format, parameters }) => format === "bcrypt" && Number(parameters.cost) >= cost,
  };
}
