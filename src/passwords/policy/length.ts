import type { Configuration } from "../../config/schema.ts";
import { toOpaqueString } from "../opaque-string.ts";
import { BCRYPT_SIGNIFICANT_BYTES } from "../primitives/bcrypt.ts";
import type { PasswordRefusal } from "./refusal.ts";

/** What the configuration says about the length of new passwords. */
export type LengthSettings = Pick<
  Configuration["passwords"],
  "algorithm" | "minimumLength" | "maximumLength"
>;

/**
 * Checks a new password's length, in code points, and with bcrypt in bytes of UTF-8 as well, both after
 * the normalisation it will be hashed with. Any character may be in it, save NUL, which some bcrypt
 * implementations stop at. Nothing is ever cut off.
 *
 * @returns null where it is accepted.
 */
export function refuseLength(password: string, settings: LengthSettings): PasswordRefusal | null {
  if (!password.isWellFormed() || password.includes("\0")) {
    return { code: "field_invalid", message: "The password holds a character that cannot be typed." };
  }
  const opaque = toOpaqueString(password);
  const length = [...opaque].length;
  if (length < settings.minimumLength) {
    return tooShort(`The password needs at least ${settings.minimumLength} characters.`);
  }
  if (length > settings.maximumLength) {
    return tooLong(`The password may have at most ${settings.maximumLength} characters.`);
  }
  if (settings.algorithm === "bcrypt" && Buffer.byteLength(opaque) > BCRYPT_SIGNIFICANT_BYTES) {
    return tooLong(
      `The password may have at most ${BCRYPT_SIGNIFICANT_BYTES} bytes; accented letters, other scripts and emoji take two to four each.`,
    );
  }
  return null;
}

const tooShort = (message: string) => ({ code: "password_too_short", message }) as const;
const tooLong = (message: string) => ({ code: "password_too_long", message }) as const;
