/**
 * A password as it is hashed: spaces of other scripts become U+0020, then NFC, so that what one keyboard
 * types as two code points and another as one is the same password.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8265#section-4.2 (OpaqueString)
 */
export function toOpaqueString(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

/**
 * The byte sequences a typed password may stand for, likeliest first: as it was sent, as an application
 * before the graft may have hashed it, and as an opaque string. How many there are depends on the
 * password alone, never on the account. None where it is no text (a lone surrogate has no UTF-8) or empty.
 * Each has memory to itself: a Buffer is cut from a slab, all of which goes along to another thread.
 */
export function passwordCandidates(password: string): readonly Uint8Array[] {
  if (password === "" || !password.isWellFormed()) return [];
  const opaque = toOpaqueString(password);
  return [...new Set([password, opaque])].map((text) => new TextEncoder().encode(text));
}
