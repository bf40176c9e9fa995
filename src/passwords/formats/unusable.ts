import type { PasswordFormat } from "../stored-hash.ts";

/** A star and 40 hexadecimal digits are a hash of MySQL's. */
const MARKER = /^(?:$|!|NP$|\*(?![0-9A-Fa-f]{40}$))/;

/** What stands in place of a hash where nobody is to sign in with a password. */
export const unusableFormat: PasswordFormat = {
  id: "unusable",
  title: "No password",
  writtenBy: ["Django", "shadow", "Solaris", "crypt(3)", "WordPress"],
  shapes: ["an empty text", "!", "! and anything", "*", "* and anything", "NP"],
  bounds: [],
  note: "They match no password. A hash that was locked by a ! or *LK* before it is not read.",
  read(stored) {
    if (!MARKER.test(stored)) return null;
    const reason = "It is a marker that says that nobody signs in by it.";
    return { fault: "unusable", format: "unusable", reason };
  },
};
