/** Far above what a token of ours takes, far below what would be work to look at. */
const MAXIMUM_LENGTH = 4_096;

/**
 * Whole groups of four, and after them two characters for one byte or three for two, the last of which leaves the
 * bits that it does not need at zero.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
const PART = "(?=[^.])(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?";

const COMPACT = new RegExp(`^${PART}\\.${PART}\\.${PART}$`);

/**
 * Whether a value is a JWS in its compact form, and written in the one canonical way: base64url leaves bits
 * of the last character unused, and a token must not have several spellings.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function isCompact(token: unknown): boolean {
  return typeof token === "string" && token.length <= MAXIMUM_LENGTH && COMPACT.test(token);
}
