import { setTimeout as sleep } from "node:timers/promises";
import { type CryptoKey, importJWK, type JWK } from "jose";
import { VerificationUnavailableError } from "../errors.ts";
import type { AuthgraftClient } from "./authgraft-client.ts";

/** A public key, for one algorithm and for no other. */
export interface PublicKey {
  readonly algorithm: string;
  readonly key: CryptoKey;
}

/** The public keys of Authgraft. */
export interface KeySet {
  /**
   * The key of that id, or null. One that is not known is looked for, at most once a second; so is one that is not
   * known since a moment, in milliseconds of `performance.now()`.
   *
   * @throws VerificationUnavailableError where it cannot be looked for.
   */
  find(kid: string, since?: number): Promise<PublicKey | null>;
}

/** Never HS256: whoever can verify with it can sign with it. */
const ALGORITHMS: readonly string[] = ["ES256", "EdDSA", "RS256"];

/** Milliseconds between two looks, and for an answer. */
const [GAP, PATIENCE] = [1_000, 2_000];

/** Makes the set; nothing is fetched until a key is asked for. */
export function createKeySet(client: AuthgraftClient): KeySet {
  let keys: ReadonlyMap<string, PublicKey> = new Map();
  // When it was asked for last, and when what is known was asked for.
  let [last, known] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let looking: Promise<void> | undefined;
  const look = async () => {
    await sleep(Math.max(0, last + GAP - performance.now()));
    const sent = performance.now();
    last = sent;
    // What a proxy has kept may be from before a key was made.
    const headers = { accept: "application/json", "cache-control": "no-cache" };
    keys = await importKeys(await client.ask("/.well-known/jwks.json", { headers, patience: PATIENCE }));
    known = sent;
  };
  const join = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  return {
    async find(kid, since = Number.NEGATIVE_INFINITY) {
      if (!keys.has(kid)) await join();
      // What somebody else waited for may have been sent before.
      while (known < since) await join();
      return keys.get(kid) ?? null;
    },
  };
}

/** Keys that are none, or for something else, are passed over. */
async function importKeys(text: string): Promise<ReadonlyMap<string, PublicKey>> {
  const found = await Promise.all(listOf(text).map(importKey));
  return new Map(found.filter((entry) => entry !== null));
}

function listOf(text: string): readonly unknown[] {
  try {
    const set: unknown = JSON.parse(text);
    if (typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys)) return set.keys;
  } catch {}
  throw new VerificationUnavailableError("Authgraft's key set is none.");
}

async function importKey(value: unknown): Promise<readonly [string, PublicKey] | null> {
  if (typeof value !== "object" || value === null) return null;
  const jwk: JWK = { ...value };
  const { kid, alg, use = "sig" } = jwk;
  if (typeof kid !== "string" || typeof alg !== "string" || !ALGORITHMS.includes(alg)) return null;
  if (use !== "sig") return null;
  try {
    const key = await importJWK(jwk, alg);
    return key instanceof Uint8Array || key.type !== "public" ? null : [kid, { algorithm: alg, key }];
  } catch {
    return null;
  }
}
