import { timingSafeEqual } from "node:crypto";
import { decodePaddedBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { DIGEST_BYTES, type DigestAlgorithm, digestOf } from "../primitives/digest.ts";
import { readLdapScheme } from "../primitives/ldap-scheme.ts";
import type { PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ["MD5", "md5"],
  ["SHA", "sha1"],
  ["SHA224", "sha224"],
  ["SHA256", "sha256"],
  ["SHA384", "sha384"],
  ["SHA512", "sha512"],
]);

/** LDAP's digests without a salt, in base64. RFC 2307, 5.3, and slapd's additions. */
export const ldapUnsaltedFormat: PasswordFormat = {
  id: "ldap-unsalted",
  title: "LDAP, digests without a salt",
  writtenBy: ["OpenLDAP", "ApacheDS", "htpasswd", "Dovecot", "passlib"],
  shapes: [...ALGORITHMS.keys()].map((scheme) => `{${scheme}}`),
  bounds: [],
  note: "Refused unless passwords.legacy.unsalted says otherwise.",
  read(stored, { settings }) {
    const { scheme = "", rest = "" } = readLdapScheme(stored) ?? {};
    const algorithm = ALGORITHMS.get(scheme);
    if (algorithm === undefined) return null;
    const digest = decodePaddedBase64(rest);
    if (digest?.length !== DIGEST_BYTES[algorithm]) return malformed("ldap-unsalted");
    if (settings.unsalted === "refuse") return refuseUnsalted("ldap-unsalted");
    return {
      format: "ldap-unsalted",
      parameters: { digest: algorithm },
      significantBytes: null,
      verify: (password) => timingSafeEqual(digestOf(algorithm, password), digest),
    };
  },
};
