/** Far above what a token of ours takes, far below what would be work to look at. */
const MAXIMUM_LENGTH = 4_096;

/**
 * Whether a text is a JWS in its compact form, and written in the one canonical way: base64url leaves bits
 * of the last character unused, and a token must not have several spellings.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function isCompact(token: string): boolean {
  if (token.length > MAXIMUM_LENGTH) return false;
  const parts = token.split(".");
  return parts.length === 3 && parts.every(isCanonical);
}

function isCanonical(part: string): boolean {
  return /^[\w-]+$/.test(part) && Buffer.from(part, "base64url").toString("base64url") === part;
}
