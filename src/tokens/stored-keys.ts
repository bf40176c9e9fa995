import type { Configuration } from "../config/schema.ts";
import type { Pool, Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import { CLOCK_SKEW_SECONDS } from "./clock-skew.ts";
import type { Algorithm } from "./keys/algorithm.ts";
import { startStopwatch } from "./keys/stopwatch.ts";
import { type KeyPair, openSealedKey } from "./sealed-key.ts";
import { deriveKey, type Secrets } from "./secret.ts";

/**
 * Seconds for which a retired key verifies beyond the lifetime of a token: a server that has not read that it is
 * retired signs with it for a minute more.
 */
const GRACE_MARGIN = 60 + CLOCK_SKEW_SECONDS;

/** Where the signing keys are kept, what opens them, and which of them this server signs with. */
export interface KeyStore {
  readonly pool: Pool;
  /** The schema of the graft. */
  readonly schema: string;
  /** The algorithm of the keys to sign with. */
  readonly algorithm: Algorithm;
  /** The first seals, all of them open: those after it are from before a change of the secret. */
  readonly sealingKeys: readonly [Uint8Array, ...Uint8Array[]];
  /** Seconds for which a key that was retired without an end of its own goes on verifying. */
  readonly graceSeconds: number;
}

/** Puts a store together as the configuration has it. */
export function keyStore(
  pool: Pool,
  { schema, tokens }: Configuration,
  [secret, ...previous]: Secrets,
): KeyStore {
  const sealingKey = (one: string) => deriveKey(one, "signing keys");
  return {
    pool,
    schema,
    algorithm: tokens.algorithm,
    sealingKeys: [sealingKey(secret), ...previous.map(sealingKey)],
    graceSeconds: tokens.lifetimeSeconds + GRACE_MARGIN,
  };
}

/** From when a key signs, and until when: milliseconds since 1970 by the database's clock. */
export interface KeyTimes {
  readonly activeAt: number;
  /** Infinity while nobody has retired it. */
  readonly retiredAt: number;
  /** Infinity while nobody has retired it. */
  readonly expiresAt: number;
}

/** A key and its times. */
export interface StoredKey extends KeyPair, KeyTimes {}

/** The keys that verified when they were read. */
export interface KeyRing {
  /** The newest first. */
  readonly keys: readonly StoredKey[];
  /** Whether there are keys to sign with and the secrets open none of them. */
  readonly isForeign: boolean;
  /** The database's clock when they were read, in milliseconds since 1970. */
  readonly readAt: number;
  /** Milliseconds since they were asked for. */
  age(): number;
}

/** The key that signs at a moment: the newest of its algorithm that is active and not retired. */
export function signingKey(
  keys: readonly StoredKey[],
  algorithm: Algorithm,
  at: number,
): StoredKey | undefined {
  return keys.find((key) => key.algorithm === algorithm && isSigning(key, at));
}

/** Whether a key signs at a moment, newer ones aside. */
export function isSigning(
  { activeAt, retiredAt }: Pick<KeyTimes, "activeAt" | "retiredAt">,
  at: number,
): boolean {
  return activeAt <= at && at < retiredAt;
}

interface KeyRow {
  readonly read_at: number;
  /** Null in the one row that says when there are no keys. */
  readonly kid: string | null;
  readonly algorithm: string;
  readonly private_jwe: string;
  readonly active_at: number;
  readonly retired_at: number | null;
  readonly expires_at: number | null;
}

/** Reads the keys that verify, and what time it is there. Those that the secrets do not open are passed over. */
export async function loadKeys(
  store: KeyStore,
  now: () => number,
  client: Queryable = store.pool,
): Promise<KeyRing> {
  const age = startStopwatch(now);
  const { rows } = await client.query<KeyRow>(
    `SELECT ${milliseconds("c.now")} AS read_at, k.kid, k.algorithm, k.private_jwe,
            ${milliseconds("k.active_at")} AS active_at, ${milliseconds("k.retired_at")} AS retired_at,
            ${milliseconds("k.expires_at")} AS expires_at
       FROM (SELECT clock_timestamp() AS now) c
       LEFT JOIN (SELECT kid, algorithm, private_jwe, created_at, active_at, retired_at,
                         ${expiry("$1")} AS expires_at
                    FROM ${qualify(store.schema, "signing_keys")}) k
         ON k.expires_at IS NULL OR k.expires_at > c.now
      ORDER BY k.active_at DESC, k.created_at DESC, k.kid`,
    [store.graceSeconds],
  );
  const readAt = rows[0]?.read_at ?? now();
  const keys = await openRows(rows, store.sealingKeys);
  return { keys, isForeign: isForeign(rows, keys, store.algorithm, readAt), readAt, age };
}

/** A time of the database as milliseconds since 1970. */
function milliseconds(expression: string): string {
  return `(extract(epoch FROM ${expression}) * 1000)::float8`;
}

/** Until when a row's key verifies; one that was retired by hand has the grace time that tokens need. */
export function expiry(graceSeconds: string): string {
  return `coalesce(expires_at, retired_at + make_interval(secs => ${graceSeconds}::float8))`;
}

async function openRows(rows: readonly KeyRow[], sealingKeys: KeyStore["sealingKeys"]): Promise<StoredKey[]> {
  const opened = await Promise.all(
    rows.map(async ({ kid, private_jwe: privateJwe, ...times }) => {
      const key = kid === null ? null : await openSealedKey({ kid, privateJwe }, sealingKeys);
      return key === null ? null : { ...key, ...timesOf(times) };
    }),
  );
  return opened.filter((key) => key !== null);
}

/** The times of a row, as numbers that can be compared. */
function timesOf(row: Pick<KeyRow, "active_at" | "retired_at" | "expires_at">): KeyTimes {
  return {
    activeAt: row.active_at,
    retiredAt: row.retired_at ?? Number.POSITIVE_INFINITY,
    expiresAt: row.expires_at ?? Number.POSITIVE_INFINITY,
  };
}

/** What a row says of its algorithm decides nothing but whether to speak of another secret. */
function isForeign(
  rows: readonly KeyRow[],
  keys: readonly StoredKey[],
  algorithm: Algorithm,
  at: number,
): boolean {
  const signing = rows.filter((row) => row.kid !== null && isSigning(timesOf(row), at));
  const kids = new Set(keys.map(({ kid }) => kid));
  const opensNone = (some: readonly KeyRow[]) =>
    some.length > 0 && !some.some(({ kid }) => kid !== null && kids.has(kid));
  return opensNone(signing) || opensNone(signing.filter((row) => row.algorithm === algorithm));
}
