/** Far above what a token of ours takes, far below what would be work to look at. */
const MAXIMUM_LENGTH = 4_096;

/** The characters whose last four bits are zero, and those whose last two are. */
const ENDS_OF_TWO = "AQgw";
const ENDS_OF_THREE = "AEIMQUYcgkosw048";

/**
 * Whether a value is a JWS in its compact form, and written in the one canonical way: base64url leaves bits
 * of the last character unused, and a token must not have several spellings.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function isCompact(token: unknown): token is string {
  if (typeof token !== "string" || token.length > MAXIMUM_LENGTH) return false;
  const parts = token.split(".");
  return parts.length === 3 && parts.every(isCanonical);
}

/**
 * Without decoding it, for this is asked of every token. What is over whole groups of four characters is two of them for
 * one byte, or three for two.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
function isCanonical(part: string): boolean {
  if (!/^[\w-]+$/.test(part)) return false;
  const over = part.length % 4;
  if (over === 0) return true;
  return over !== 1 && (over === 2 ? ENDS_OF_TWO : ENDS_OF_THREE).includes(part.slice(-1));
}
