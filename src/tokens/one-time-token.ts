import { createHash, randomBytes } from "node:crypto";

/** The token of a link that works once: what is handed out, and what is stored of it. */
export interface OneTimeToken {
  readonly token: string;
  /** SHA-256: whoever reads the database cannot use the link. */
  readonly hash: Uint8Array;
}

const PREFIX = "ago_";
const BYTES = 32;
const SHAPE = /^ago_[A-Za-z0-9_-]{43}$/;

/** Makes one: `ago_` and 256 random bits in base64url. */
export function makeOneTimeToken(): OneTimeToken {
  const token = PREFIX + randomBytes(BYTES).toString("base64url");
  return { token, hash: hashOf(token) };
}

/** What is stored of a token that somebody presents; null for a text that cannot be one. */
export function readOneTimeToken(text: string): Uint8Array | null {
  return SHAPE.test(text) ? hashOf(text) : null;
}

function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
