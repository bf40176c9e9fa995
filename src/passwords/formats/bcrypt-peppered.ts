import { malformed } from "../fault.ts";
import { pepperFingerprint, withPepper } from "../pepper.ts";
import { BCRYPT_COST, BCRYPT_SIGNIFICANT_BYTES, readBcrypt } from "../primitives/bcrypt.ts";
import type { PasswordFormat, Unverifiable } from "../stored-hash.ts";

const ID = "bcrypt-peppered";

const SHAPE = /^\{pepper-([0-9a-f]{6})\}(\$.{1,80})$/;

/** bcrypt over password and pepper, marked with the pepper's fingerprint when it was imported. */
export const bcryptPepperedFormat: PasswordFormat = {
  id: ID,
  title: "bcrypt with a pepper",
  writtenBy: ["Devise and Rails, marked by the import"],
  shapes: ["{pepper-1f0c9a}$2a$"],
  bounds: [BCRYPT_COST],
  note: "Needs passwords.legacy.pepper: the pepper whose fingerprint stands in the text.",
  read(stored, { settings: { pepper } }) {
    if (!stored.startsWith("{pepper-")) return null;
    const [, fingerprint, inner] = SHAPE.exec(stored) ?? [];
    if (fingerprint === undefined || inner === undefined) return malformed(ID);
    const hash = readBcrypt(ID, inner);
    if ("fault" in hash) return hash;
    if (pepper === null || pepperFingerprint(pepper) !== fingerprint) return missing(fingerprint);
    return {
      format: ID,
      parameters: { cost: hash.cost },
      // The password stands before the pepper: up to 72 bytes of it count, and are known when they match.
      significantBytes: BCRYPT_SIGNIFICANT_BYTES,
      verify: (password) => hash.matches(withPepper(password, pepper)),
    };
  },
};

const missing = (fingerprint: string): Unverifiable => ({
  fault: "incomplete",
  format: ID,
  reason: `It needs the pepper with the fingerprint ${fingerprint} as passwords.legacy.pepper.`,
});
