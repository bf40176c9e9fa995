import { setTimeout as sleep } from "node:timers/promises";
import type { KeyPair } from "./sealed-key.ts";
import { type KeyStore, loadKeys, loadOrMakeKeys, type StoredKey } from "./stored-keys.ts";

/** The signing keys of all servers on this database, kept in memory. */
export interface SigningKeys {
  /** The key that new tokens are signed with; made where there is none. */
  current(): Promise<KeyPair>;
  /**
   * The key of that id, or null. An unknown id is looked up in the database, at most once a second for
   * all callers together: who comes sooner waits, so that a flood of made-up ids costs one query a second
   * and a token under a key made a moment ago is still not refused.
   */
  find(kid: string): Promise<KeyPair | null>;
}

/** Milliseconds after which keys in memory are read again, to see what other servers made or retired. */
const MAXIMUM_AGE = 60_000;

/** Milliseconds between two look-ups of unknown ids. */
const RELOAD_GAP = 1_000;

/** A JWK thumbprint with SHA-256: 32 bytes in base64url. Nothing else is worth a look-up. */
const KID = /^[\w-]{43}$/;

/** Makes the cache; nothing is read until a key is asked for. */
export function createSigningKeys(store: KeyStore, now: () => number): SigningKeys {
  let keys: readonly StoredKey[] = [];
  let loadedAt = Number.NEGATIVE_INFINITY;
  let scheduled: Promise<void> | undefined;

  const load = async (read: (store: KeyStore) => Promise<StoredKey[]>) => {
    loadedAt = now();
    keys = await read(store);
  };
  // Callers join a look-up only until it is sent: what it finds must not be older than their question.
  const scheduleLoad = () => {
    scheduled ??= (async () => {
      await sleep(Math.min(RELOAD_GAP, Math.max(0, loadedAt + RELOAD_GAP - now())));
      scheduled = undefined;
      await load(loadKeys);
    })();
    return scheduled;
  };
  const signing = () => keys.find((key) => !key.retired);
  const verifying = (kid: string) => keys.find((key) => key.kid === kid);
  const isFresh = () => now() - loadedAt < MAXIMUM_AGE;

  return {
    async current() {
      if (signing() === undefined || !isFresh()) await load(loadOrMakeKeys);
      const key = signing();
      if (key === undefined) throw new Error("loadOrMakeKeys gave back no key to sign with");
      return key;
    },
    async find(kid) {
      if (!KID.test(kid)) return null;
      const known = verifying(kid);
      if (known === undefined) await scheduleLoad();
      else if (!isFresh()) scheduleLoad().catch(() => undefined);
      return known ?? verifying(kid) ?? null;
    },
  };
}
