import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./secret.ts";

/** A refresh token as it is made: what its holder gets, and what is stored of it. */
export interface RefreshToken {
  readonly token: string;
  /** SHA-256 of its secret part: whoever reads the database cannot refresh with it. */
  readonly hash: Uint8Array;
}

/** A refresh token that one of our secrets has made, whatever became of it since. */
export interface PresentedRefreshToken {
  readonly sessionId: string;
  readonly hash: Uint8Array;
  /** What may follow it: one under each secret, the current one first. The same whoever works it out, and when. */
  readonly successors: readonly [RefreshToken, ...RefreshToken[]];
}

/**
 * Opaque refresh tokens: `agr_` and, in base64url, the session's id, 256 random bits and a tag, by which
 * every token that was ever made for a session is known, though only the hash of the last one is kept.
 */
export interface RefreshTokens {
  /** The first token of a session. */
  make(sessionId: string): RefreshToken;
  /** Null for a text that none of our secrets has made. */
  read(text: string): PresentedRefreshToken | null;
}

const PREFIX = "agr_";
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;

/** The keys that come of one secret. */
interface Keys {
  readonly tag: Uint8Array;
  readonly successor: Uint8Array;
}

/** Makes them with the first of the secrets, and knows those of each. */
export function createRefreshTokens(secrets: readonly [string, ...string[]]): RefreshTokens {
  const current = deriveKeys(secrets[0]);
  const previous = secrets.slice(1).map(deriveKeys);
  return {
    make: (sessionId) => seal(current, idBytes(sessionId), randomBytes(SECRET_BYTES)),
    read(text) {
      const parts = split(text);
      if (parts === null || ![current, ...previous].some((keys) => isTagged(keys, parts))) return null;
      const { id, secret } = parts;
      const successor = (keys: Keys) => seal(keys, id, hmac(keys.successor, id, secret));
      const successors = [successor(current), ...previous.map(successor)] as const;
      return { sessionId: idText(id), hash: hashOf(secret), successors };
    },
  };
}

function deriveKeys(secret: string): Keys {
  return { tag: deriveKey(secret, "refresh tokens"), successor: deriveKey(secret, "refresh successors") };
}

function seal(keys: Keys, id: Uint8Array, secret: Uint8Array): RefreshToken {
  const bytes = Buffer.concat([id, secret, tagOf(keys, id, secret)]);
  return { token: PREFIX + bytes.toString("base64url"), hash: hashOf(secret) };
}

interface Parts {
  readonly id: Buffer;
  readonly secret: Buffer;
  readonly tag: Buffer;
}

/** A token has one spelling: base64url leaves bits of the last character unused. */
function split(text: string): Parts | null {
  if (!text.startsWith(PREFIX)) return null;
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.length !== ID_BYTES + SECRET_BYTES + TAG_BYTES) return null;
  if (bytes.toString("base64url") !== encoded) return null;
  const end = ID_BYTES + SECRET_BYTES;
  return { id: bytes.subarray(0, ID_BYTES), secret: bytes.subarray(ID_BYTES, end), tag: bytes.subarray(end) };
}

function isTagged(keys: Keys, { id, secret, tag }: Parts): boolean {
  return timingSafeEqual(tagOf(keys, id, secret), tag);
}

function tagOf(keys: Keys, id: Uint8Array, secret: Uint8Array): Uint8Array {
  return hmac(keys.tag, id, secret).subarray(0, TAG_BYTES);
}

function hmac(key: Uint8Array, id: Uint8Array, secret: Uint8Array): Buffer {
  return createHmac("sha256", key).update(id).update(secret).digest();
}

function hashOf(secret: Uint8Array): Buffer {
  return createHash("sha256").update(secret).digest();
}

function idBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function idText(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
