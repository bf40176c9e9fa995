import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./secret.ts";

/** A refresh token as it is made: what its holder gets, and what is stored of it. */
export interface RefreshToken {
  readonly token: string;
  /** SHA-256 of all its bytes: whoever reads the database cannot refresh with it. */
  readonly hash: Uint8Array;
  /** What may follow it: one under each secret, the current one first. The same whoever works it out, and when. */
  readonly successors: () => readonly [RefreshToken, ...RefreshToken[]];
}

/** What somebody says is a refresh token. */
export interface PresentedRefreshToken extends Pick<RefreshToken, "hash" | "successors"> {
  readonly sessionId: string;
  /** Whether one of our secrets has made it, whatever became of it since. Where none has, a secret may have gone. */
  readonly isOurs: boolean;
}

/**
 * Opaque refresh tokens: `agr_` and, in base64url, the session's id, 256 random bits and a tag, by which
 * every token that was ever made for a session is known, though only the hash of the last one is kept.
 */
export interface RefreshTokens {
  /** The first token of a session. */
  make(sessionId: string): RefreshToken;
  /** Null for a text that does not look like one. */
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
  const all = [current, ...secrets.slice(1).map(deriveKeys)] as const;
  return {
    make: (sessionId) => seal(current, all, idBytes(sessionId), randomBytes(SECRET_BYTES)),
    read(text) {
      const parts = split(text);
      if (parts === null) return null;
      const { id, secret } = parts;
      const isOurs = all.some((keys) => isTagged(keys, parts));
      return {
        ...{ sessionId: idText(id), hash: hashOf(parts.bytes), isOurs },
        successors: () => successorsOf(all, id, secret),
      };
    },
  };
}

type AllKeys = readonly [Keys, ...Keys[]];

function successorsOf(all: AllKeys, id: Uint8Array, secret: Uint8Array): [RefreshToken, ...RefreshToken[]] {
  const under = (keys: Keys) => seal(keys, all, id, hmac(keys.successor, id, secret));
  const [current, ...previous] = all;
  return [under(current), ...previous.map(under)];
}

function deriveKeys(secret: string): Keys {
  return { tag: deriveKey(secret, "refresh tokens"), successor: deriveKey(secret, "refresh successors") };
}

function seal(keys: Keys, all: AllKeys, id: Uint8Array, secret: Uint8Array): RefreshToken {
  const bytes = Buffer.concat([id, secret, tagOf(keys, id, secret)]);
  return {
    ...{ token: PREFIX + bytes.toString("base64url"), hash: hashOf(bytes) },
    successors: () => successorsOf(all, id, secret),
  };
}

interface Parts {
  readonly bytes: Buffer;
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
  return {
    ...{ bytes, id: bytes.subarray(0, ID_BYTES), secret: bytes.subarray(ID_BYTES, end) },
    tag: bytes.subarray(end),
  };
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

function hashOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function idBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function idText(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
