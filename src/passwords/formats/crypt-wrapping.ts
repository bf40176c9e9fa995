import { readLdapScheme } from "../primitives/ldap-scheme.ts";
import type { PasswordFormat } from "../stored-hash.ts";

/** LDAP's name for all that crypt(3) verifies, and names for one of its functions or for Argon2. */
const SCHEMES: ReadonlySet<string> = new Set([
  "CRYPT",
  "MD5-CRYPT",
  "SHA256-CRYPT",
  "SHA512-CRYPT",
  "BLF-CRYPT",
  "BCRYPT",
  "ARGON2",
  "ARGON2I",
  "ARGON2ID",
]);

/** A whole hash with LDAP's or Dovecot's scheme before it. What it is, and what it costs, the hash itself says. */
export const cryptWrappingFormat: PasswordFormat = {
  id: "crypt-wrapping",
  title: "Whole hashes in LDAP and Dovecot",
  writtenBy: ["OpenLDAP", "389 Directory Server", "Dovecot", "passlib"],
  shapes: [...SCHEMES].map((scheme) => `{${scheme}}`),
  bounds: [],
  note: "What follows is read, and counted, as it would be by itself.",
  read(stored, context) {
    const { scheme = "", rest = "" } = readLdapScheme(stored) ?? {};
    return SCHEMES.has(scheme) ? context.readInner(rest) : null;
  },
};
