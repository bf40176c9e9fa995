import type { Algorithm, PublicJwk } from "./keys/algorithm.ts";
import { createKeyCache, type KeyCache } from "./keys/key-cache.ts";
import { foreignKeys, loadOrMakeKeys } from "./keys/make-keys.ts";
import type { KeyPair } from "./sealed-key.ts";
import { type KeyRing, type KeyStore, loadKeys, type StoredKey, signingKey } from "./stored-keys.ts";

/** The signing keys of all servers on this database, kept in memory; times are by the database's clock. */
export interface SigningKeys {
  /**
   * The key that new tokens are signed with; made where there is none.
   *
   * @throws ConfigurationError `secret_mismatch` where the secrets open none that could sign.
   */
  current(): Promise<KeyPair>;
  /**
   * The key of that id if it verifies now, or null. An unknown id is looked up in the database, at most
   * once a second for all callers together: who comes sooner waits, so that a flood of made-up ids costs one
   * query a second and a token under a key made a moment ago is still not refused.
   *
   * @throws DatabaseError where it cannot be looked up.
   */
  find(kid: string): Promise<KeyPair | null>;
  /** Whether memory alone says that the key of that id verifies now; where it does not, `find` knows more. */
  accepts(kid: string): boolean;
  /** Every public key that verifies now or will sign soon, as others may have it (RFC 7517). */
  publicKeys(): Promise<PublicJwk[]>;
  /** Reads the keys again at once: somebody has said that they changed. */
  reload(): Promise<void>;
}

/** Milliseconds after which the keys are read again behind whoever uses them. */
const REREAD_AGE = 30_000;

/** Milliseconds after which what is known is no answer any more: what other servers retired is seen by then. */
const MAXIMUM_AGE = 60_000;

/** Seconds for which others may keep the public keys. */
export const KEY_SET_AGE_SECONDS = 300;

/** Seconds after which a new key has come to everybody: to the servers, and from them to those who keep the public ones. */
export const SPREAD_SECONDS = MAXIMUM_AGE / 1_000 + KEY_SET_AGE_SECONDS;

/** 32 bytes in base64url, as every id of ours. Nothing else is worth a look. */
const KID = /^[\w-]{43}$/;

/** Makes the cache; nothing is read until a key is asked for. `now` is in milliseconds since 1970. */
export function createSigningKeys(store: KeyStore, now: () => number): SigningKeys {
  const cache = createKeyCache(() => loadKeys(store, now), now);
  let making: Promise<void> | undefined;
  const make = () => {
    making ??= cache
      .load(() => loadOrMakeKeys(store, now))
      .finally(() => {
        making = undefined;
      });
    return making;
  };
  return {
    async current() {
      if (recentAge(cache) === null || currentKey(cache.ring(), store.algorithm) === undefined) await make();
      const key = currentKey(cache.ring(), store.algorithm);
      if (key === undefined) throw foreignKeys();
      return key;
    },
    async find(kid) {
      if (!KID.test(kid)) return null;
      if (!isKnown(cache.ring(), kid)) await cache.look();
      else if (recentAge(cache) === null) await cache.lookOrJoin();
      const ring = cache.ring();
      return verifyingKey(ring, kid, ring.age());
    },
    accepts(kid) {
      const age = recentAge(cache);
      return age !== null && verifyingKey(cache.ring(), kid, age) !== null;
    },
    async publicKeys() {
      if (recentAge(cache) === null) await cache.lookOrJoin();
      return publishedKeys(cache.ring());
    },
    reload: () => cache.load(() => loadKeys(store, now)),
  };
}

/**
 * How old what is known is, in milliseconds; null where it is too old to be used. Where it is getting old, it is read
 * again in the background.
 */
function recentAge(cache: KeyCache): number | null {
  const age = cache.ring().age();
  if (age >= MAXIMUM_AGE) return null;
  if (age >= REREAD_AGE) cache.lookOrJoin().catch(() => undefined);
  return age;
}

function currentKey({ keys, readAt, age }: KeyRing, algorithm: Algorithm): StoredKey | undefined {
  return signingKey(keys, algorithm, readAt + age());
}

function isKnown({ keys }: KeyRing, kid: string): boolean {
  return keys.some((key) => key.kid === kid);
}

/** The database's clock is what it was when it was read, and as much later as it is since. */
function verifyingKey({ keys, readAt }: KeyRing, kid: string, age: number): StoredKey | null {
  const key = keys.find((one) => one.kid === kid);
  return key !== undefined && readAt + age < key.expiresAt ? key : null;
}

function publishedKeys({ keys, readAt, age }: KeyRing): PublicJwk[] {
  const time = readAt + age();
  return keys
    .filter((key) => time < key.expiresAt)
    .flatMap(({ kid, algorithm, publicJwk }) =>
      publicJwk === null ? [] : [{ ...publicJwk, kid, alg: algorithm, use: "sig" }],
    );
}
