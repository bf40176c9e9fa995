import { timingSafeEqual } from "node:crypto";
import { decodeHex } from "../base64.ts";
import { malformed } from "../fault.ts";
import { DIGEST_BYTES, digestOf } from "../primitives/digest.ts";
import type { PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const SHAPE = /^(md5|sha1)\$([^$]{0,128})\$([0-9A-Fa-f]{32,40})$/;

/** Django's hashers from before PBKDF2, salted and not: `md5$salt$digest`, `sha1$$digest`. */
export const djangoSaltedFormat: PasswordFormat = {
  id: "django-salted",
  title: "Django, MD5 and SHA-1",
  writtenBy: ["Django up to 5.0", "passlib"],
  shapes: ["md5$", "sha1$"],
  bounds: [],
  note: "Werkzeug once wrote HMACs in the same shape; a description in passwords.legacy.digests has them verified.",
  read(stored, { settings }) {
    if (!/^(?:md5|sha1)\$/.test(stored)) return null;
    const [, name, salt = "", hex = ""] = SHAPE.exec(stored) ?? [];
    const algorithm = name === "md5" ? "md5" : "sha1";
    const digest = decodeHex(hex.toLowerCase());
    if (digest?.length !== DIGEST_BYTES[algorithm]) return malformed("django-salted");
    if (salt === "" && settings.unsalted === "refuse") return refuseUnsalted("django-salted");
    return {
      format: "django-salted",
      parameters: { digest: algorithm },
      significantBytes: null,
      verify: (password) => timingSafeEqual(digestOf(algorithm, Buffer.from(salt), password), digest),
    };
  },
};
