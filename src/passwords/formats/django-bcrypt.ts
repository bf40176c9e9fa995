import { createHash } from "node:crypto";
import { BCRYPT_COST, BCRYPT_SIGNIFICANT_BYTES, readBcrypt } from "../primitives/bcrypt.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const PLAIN = "bcrypt$";
const OVER_SHA256 = "bcrypt_sha256$";

/** Django's bcrypt: as it is, or over the hexadecimal SHA-256 of the password. */
export const djangoBcryptFormat: PasswordFormat = {
  id: "django-bcrypt",
  title: "bcrypt and bcrypt over SHA-256 (Django)",
  writtenBy: ["Django", "passlib"],
  shapes: ["bcrypt_sha256$$2b$", "bcrypt$$2b$"],
  bounds: [BCRYPT_COST],
  read(stored) {
    const prefix = [PLAIN, OVER_SHA256].find((start) => stored.startsWith(start));
    if (prefix === undefined) return null;
    const hash = readBcrypt("django-bcrypt", stored.slice(prefix.length));
    if ("fault" in hash) return hash;
    const isOverSha256 = prefix === OVER_SHA256;
    return {
      format: "django-bcrypt",
      parameters: { cost: hash.cost },
      significantBytes: isOverSha256 ? null : BCRYPT_SIGNIFICANT_BYTES,
      verify: (password) => hash.matches(isOverSha256 ? hexOfSha256(password) : password),
    };
  },
};

const hexOfSha256 = (password: Uint8Array) =>
  Buffer.from(createHash("sha256").update(password).digest("hex"));
