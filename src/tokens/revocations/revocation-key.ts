import { hash } from "node:crypto";

/**
 * What a revocation is known by: three unsigned 32-bit words, the first 12 bytes of a SHA-256, big endian.
 *
 * All keys have one size, whatever an id looks like, and a list of them tells nobody an id. Among ten
 * million keys, two are the same with a chance of less than one in 10^15.
 */
export type RevocationKey = readonly [first: number, second: number, third: number];

/** The key of one access token, by its `jti`. */
export function tokenKey(tokenId: string): RevocationKey {
  return keyOf(`jti ${tokenId}`);
}

/** The key of a session's access tokens, by their `sid`. */
export function sessionKey(sessionId: string): RevocationKey {
  return keyOf(`sid ${sessionId}`);
}

/** The key of a user's access tokens, by their `sub`: the user's id as text, whatever its type in the database. */
export function userKey(userId: string): RevocationKey {
  return keyOf(`sub ${userId}`);
}

function keyOf(text: string): RevocationKey {
  const digest = hash("sha256", text, "buffer");
  return [digest.readUInt32BE(0), digest.readUInt32BE(4), digest.readUInt32BE(8)];
}
