import { timingSafeEqual } from "node:crypto";
import { decodePaddedBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { DIGEST_BYTES, type DigestAlgorithm, digestOf } from "../primitives/digest.ts";
import { readLdapScheme } from "../primitives/ldap-scheme.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ["SMD5", "md5"],
  ["SSHA", "sha1"],
  ["SSHA224", "sha224"],
  ["SSHA256", "sha256"],
  ["SSHA384", "sha384"],
  ["SSHA512", "sha512"],
]);

/** In bytes. OpenLDAP has written 4, 8 and 16; what is under 4 is a digest that has lost a part. */
const [SHORTEST_SALT, LONGEST_SALT] = [4, 64];

/** LDAP's salted digests: base64 of the digest and, after it, the salt. RFC 2307, 5.3, and slapd's additions. */
export const ldapSaltedFormat: PasswordFormat = {
  id: "ldap-salted",
  title: "LDAP, salted digests",
  writtenBy: ["OpenLDAP", "389 Directory Server", "ApacheDS", "Dovecot", "passlib"],
  shapes: [...ALGORITHMS.keys()].map((scheme) => `{${scheme}}`),
  bounds: [],
  note: "One digest is all their work.",
  read(stored) {
    const { scheme = "", rest = "" } = readLdapScheme(stored) ?? {};
    const algorithm = ALGORITHMS.get(scheme);
    if (algorithm === undefined) return null;
    const length = DIGEST_BYTES[algorithm];
    const bytes = decodePaddedBase64(rest);
    if (bytes === null || bytes.length < length + SHORTEST_SALT || bytes.length > length + LONGEST_SALT)
      return malformed("ldap-salted");
    const [digest, salt] = [bytes.subarray(0, length), bytes.subarray(length)];
    return {
      format: "ldap-salted",
      parameters: { digest: algorithm },
      significantBytes: null,
      verify: (password) => timingSafeEqual(digestOf(algorithm, password, salt), digest),
    };
  },
};
