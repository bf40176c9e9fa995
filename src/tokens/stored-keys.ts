import { setTimeout as sleep } from "node:timers/promises";
import { ConfigurationError, DatabaseError } from "../errors.ts";
import type { Pool, Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { type KeyPair, makeSealedKey, openSealedKey, SIGNING_ALGORITHM } from "./sealed-key.ts";

/** Where the signing keys are kept, and what opens them. */
export interface KeyStore {
  readonly pool: Pool;
  /** The schema of the graft. */
  readonly schema: string;
  readonly sealingKey: Uint8Array;
  /** Seconds a retired key goes on verifying: as long as a token signed with it may live. */
  readonly graceSeconds: number;
}

/** A key pair and whether new tokens are still signed with it. */
export interface StoredKey extends KeyPair {
  readonly retired: boolean;
}

interface KeyRow {
  readonly kid: string;
  readonly private_jwe: string;
  readonly retired: boolean;
}

/**
 * Loads every key that verifies, newest first. Rows that the secret does not open are passed over.
 *
 * @throws ConfigurationError `secret_mismatch` where there are keys to sign with and it opens none.
 */
export async function loadKeys(store: KeyStore, client: Queryable = store.pool): Promise<StoredKey[]> {
  const { rows } = await client.query<KeyRow>(
    `SELECT kid, private_jwe, retired_at IS NOT NULL AS retired
       FROM ${qualify(store.schema, "signing_keys")}
      WHERE algorithm = $1
        AND (retired_at IS NULL OR retired_at > now() - make_interval(secs => $2::float8))
      ORDER BY created_at DESC, kid`,
    [SIGNING_ALGORITHM, store.graceSeconds],
  );
  const opened = await Promise.all(rows.map((row) => openRow(row, store.sealingKey)));
  const keys = opened.filter((key) => key !== null);
  const shouldSign = rows.some((row) => !row.retired);
  if (shouldSign && keys.every((key) => key.retired)) throw mismatch(store.schema);
  return keys;
}

async function openRow(row: KeyRow, sealingKey: Uint8Array): Promise<StoredKey | null> {
  const pair = await openSealedKey({ kid: row.kid, privateJwe: row.private_jwe }, sealingKey);
  return pair === null ? null : { ...pair, retired: row.retired };
}

function mismatch(schema: string): ConfigurationError {
  return new ConfigurationError(
    "secret_mismatch",
    "The signing keys in the database were sealed under another secret.",
    {
      fix: `Start with the AUTHGRAFT_SECRET they were made under. If it is lost, retire them (UPDATE ${qualify(schema, "signing_keys")} SET retired_at = now()): everyone signs in again.`,
    },
  );
}

const ATTEMPTS = 100;
const PAUSE = 50;

/**
 * Loads the keys and makes the first one where there is none to sign with. Of several servers that start
 * at once one makes it and the others find it: the advisory lock is polled, never waited for, because a
 * blocked waiter holds up concurrent index builds.
 */
export async function loadOrMakeKeys(store: KeyStore): Promise<StoredKey[]> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const keys = await loadKeys(store);
    if (keys.some((key) => !key.retired)) return keys;
    if (!(await tryMakeKey(store))) await sleep(PAUSE);
  }
  throw new DatabaseError("database_error", "Another server has been making a signing key for too long.", {
    fix: "Look in pg_locks for who holds the advisory lock, and end that connection.",
  });
}

async function tryMakeKey(store: KeyStore): Promise<boolean> {
  const sealed = await makeSealedKey(store.sealingKey);
  return withTransaction(store.pool, async (client) => {
    const lock = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held",
      [`authgraft signing keys in ${store.schema}`],
    );
    if (lock.rows[0]?.held !== true) return false;
    const keys = await loadKeys(store, client);
    if (keys.some((key) => !key.retired)) return true;
    await client.query(
      `INSERT INTO ${qualify(store.schema, "signing_keys")} (kid, algorithm, public_jwk, private_jwe)
       VALUES ($1, $2, $3::jsonb, $4)`,
      [sealed.kid, SIGNING_ALGORITHM, JSON.stringify(sealed.publicJwk), sealed.privateJwe],
    );
    return true;
  });
}
