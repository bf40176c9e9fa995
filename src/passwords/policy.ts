import type { Configuration } from "../config/schema.ts";
import { BCRYPT_SIGNIFICANT_BYTES } from "./formats/bcrypt.ts";
import { toOpaqueString } from "./opaque-string.ts";

/** What the configuration says about new passwords. */
export type PasswordPolicy = Pick<
  Configuration["passwords"],
  "algorithm" | "minimumLength" | "maximumLength"
>;

/** Why a new password is refused. */
export interface PasswordRefusal {
  readonly code: "password_too_short" | "password_too_long" | "field_invalid";
  readonly message: string;
}

/**
 * Checks a new password: its length in code points, and with bcrypt in bytes of UTF-8 as well, both after
 * the normalisation it will be hashed with. Any character may be in it, save NUL, which some bcrypt
 * implementations stop at. Nothing is ever cut off.
 *
 * @returns null where it is accepted.
 */
export function refuseNewPassword(password: string, policy: PasswordPolicy): PasswordRefusal | null {
  if (!password.isWellFormed() || password.includes("\0")) {
    return { code: "field_invalid", message: "The password holds a character that cannot be typed." };
  }
  const opaque = toOpaqueString(password);
  const length = [...opaque].length;
  if (length < policy.minimumLength) {
    return tooShort(`The password needs at least ${policy.minimumLength} characters.`);
  }
  if (length > policy.maximumLength) {
    return tooLong(`The password may have at most ${policy.maximumLength} characters.`);
  }
  if (policy.algorithm === "bcrypt" && Buffer.byteLength(opaque) > BCRYPT_SIGNIFICANT_BYTES) {
    return tooLong(
      `The password may have at most ${BCRYPT_SIGNIFICANT_BYTES} bytes; accented letters, other scripts and emoji take two to four each.`,
    );
  }
  return null;
}

const tooShort = (message: string) => ({ code: "password_too_short", message }) as const;
const tooLong = (message: string) => ({ code: "password_too_long", message }) as const;
