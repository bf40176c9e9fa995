import { timingSafeEqual } from "node:crypto";
import { DIGEST_BYTES, type DigestAlgorithm, digestOf } from "../primitives/digest.ts";
import type { PasswordFormat, Unverifiable } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const BY_LENGTH: ReadonlyMap<number, DigestAlgorithm> = new Map([
  [2 * DIGEST_BYTES.md5, "md5"],
  [2 * DIGEST_BYTES.sha1, "sha1"],
  [2 * DIGEST_BYTES.sha224, "sha224"],
  [2 * DIGEST_BYTES.sha256, "sha256"],
  [2 * DIGEST_BYTES.sha384, "sha384"],
  [2 * DIGEST_BYTES.sha512, "sha512"],
]);

/** A digest of the password and nothing else, in hexadecimal; the length says which. */
export const hexDigestFormat: PasswordFormat = {
  id: "hex-digest",
  title: "Plain digests without a salt",
  writtenBy: ["applications of their own kind", "MySQL's MD5() and SHA2()", "Drupal 6", "passlib"],
  shapes: ["32, 40, 56, 64, 96 or 128 hexadecimal digits"],
  bounds: [],
  note: "Refused unless passwords.legacy.unsalted says otherwise. 32 digits are read as MD5; NTLM's look the same.",
  read(stored, { settings }) {
    const algorithm = /^[0-9A-Fa-f]{32,128}$/.test(stored) ? BY_LENGTH.get(stored.length) : undefined;
    if (algorithm === undefined) return null;
    if (settings.unsalted === "refuse") return refuse(algorithm);
    const digest = Buffer.from(stored, "hex");
    return {
      format: "hex-digest",
      parameters: { digest: algorithm },
      significantBytes: null,
      verify: (password) => timingSafeEqual(digestOf(algorithm, password), digest),
    };
  },
};

function refuse(algorithm: DigestAlgorithm): Unverifiable {
  const refusal = refuseUnsalted("hex-digest");
  if (algorithm !== "md5") return refusal;
  return { ...refusal, reason: `${refusal.reason} It is read as MD5; an NTLM hash looks the same.` };
}
