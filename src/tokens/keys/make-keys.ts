import { setTimeout as sleep } from "node:timers/promises";
import { ConfigurationError, DatabaseError } from "../../errors.ts";
import { notificationChannel } from "../../postgres/channel.ts";
import type { Queryable } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import { withTransaction } from "../../postgres/transaction.ts";
import { makeSealedKey, type SealedKey } from "../sealed-key.ts";
import { type KeyRing, type KeyStore, loadKeys, signingKey } from "../stored-keys.ts";

/**
 * Reads the keys and makes the first one where there is none to sign with. Of several servers that start
 * at once one makes it and the others find it.
 *
 * @throws ConfigurationError `secret_mismatch` where there are keys to sign with and the secrets open none.
 */
export async function loadOrMakeKeys(store: KeyStore, now: () => number): Promise<KeyRing> {
  let ring = await loadKeys(store, now);
  while (!canSign(store, ring)) {
    if (ring.isForeign) throw foreignKeys();
    const sealed = await makeSealedKey(store.sealingKeys[0], store.algorithm);
    await changeKeys(store, async (client) => {
      const found = await loadKeys(store, now, client);
      if (!canSign(store, found) && !found.isForeign) await insertKey(store, client, sealed, 0);
    });
    ring = await loadKeys(store, now);
  }
  return ring;
}

function canSign({ algorithm }: KeyStore, { keys, readAt }: KeyRing): boolean {
  return signingKey(keys, algorithm, readAt) !== undefined;
}

/** The error of secrets that are not those the keys were sealed under. */
export function foreignKeys(): ConfigurationError {
  return new ConfigurationError(
    "secret_mismatch",
    "The signing keys in the database were sealed under another secret.",
    {
      fix: "Start with the AUTHGRAFT_SECRET they were made under, or give it as AUTHGRAFT_SECRET_PREVIOUS beside the new one. If it is lost, make a new key with `authgraft keys rotate --compromised`: every access token has to be renewed.",
    },
  );
}

/**
 * Puts a key into the table, which signs so many seconds from now, and tells the servers once that is done.
 *
 * @returns from when it signs.
 */
export async function insertKey(
  { schema }: KeyStore,
  client: Queryable,
  { kid, algorithm, publicJwk, privateJwe }: SealedKey,
  leadSeconds: number,
): Promise<Date> {
  const { rows } = await client.query<{ active_at: Date }>(
    `INSERT INTO ${qualify(schema, "signing_keys")} (kid, algorithm, public_jwk, private_jwe, active_at)
     VALUES ($1, $2, $3::jsonb, $4, now() + make_interval(secs => $5::float8)) RETURNING active_at`,
    [kid, algorithm, JSON.stringify(publicJwk), privateJwe, leadSeconds],
  );
  await client.query("SELECT pg_notify($1, 'keys')", [notificationChannel(schema)]);
  const [row] = rows;
  if (row === undefined) throw new DatabaseError("database_error", "A signing key could not be stored.");
  return row.active_at;
}

const ATTEMPTS = 100;
const PAUSE = 50;

/**
 * Changes the keys in one transaction, as the only one who does. The advisory lock is polled, never waited for, because a blocked waiter holds up concurrent index builds.
 *
 * @throws DatabaseError `database_error` where another holds the lock for too long.
 */
export async function changeKeys<Result>(
  store: KeyStore,
  work: (client: Queryable) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await tryChange(store, work);
    if (done !== null) return done.result;
    await sleep(PAUSE);
  }
  throw new DatabaseError(
    "database_error",
    "Another server has been changing the signing keys for too long.",
    {
      fix: "Look in pg_locks for who holds the advisory lock, and end that connection.",
    },
  );
}

function tryChange<Result>(
  { pool, schema }: KeyStore,
  work: (client: Queryable) => Promise<Result>,
): Promise<{ readonly result: Result } | null> {
  return withTransaction(pool, async (client) => {
    const lock = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held",
      [`authgraft signing keys in ${schema}`],
    );
    if (lock.rows[0]?.held !== true) return null;
    return { result: await work(client) };
  });
}
