import type { Queryable } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import { makeSealedKey } from "../sealed-key.ts";
import { expiry, type KeyStore, loadKeys } from "../stored-keys.ts";
import type { Algorithm } from "./algorithm.ts";
import { changeKeys, foreignKeys, insertKey } from "./make-keys.ts";

/** How keys are changed. */
export interface Rotation {
  /** Seconds until the new key signs; others have it by then. */
  readonly leadSeconds: number;
  /** Seconds for which an old key verifies after that. */
  readonly graceSeconds: number;
  /** Whether the old keys are in wrong hands: the new one signs at once, and they verify nothing any more. */
  readonly isCompromised: boolean;
}

/** The new key and what became of the others. */
export interface RotatedKeys {
  readonly kid: string;
  readonly algorithm: Algorithm;
  /** When it was made, by the database's clock. */
  readonly createdAt: Date;
  /** From when it signs. */
  readonly activeAt: Date;
  /** Those that still verified, newest first, and until when they do. */
  readonly retired: readonly { readonly kid: string; readonly expiresAt: Date }[];
}

/**
 * Makes a new key, sealed under the current secret, and retires all others from the moment that it signs.
 *
 * @throws ConfigurationError `secret_mismatch` where the secrets are not those of the keys that sign, unless
 *   those are not to be used any more in any case.
 */
export async function rotateKeys(
  store: KeyStore,
  rotation: Rotation,
  now: () => number,
): Promise<RotatedKeys> {
  const sealed = await makeSealedKey(store.sealingKeys[0], store.algorithm);
  const leadSeconds = rotation.isCompromised ? 0 : rotation.leadSeconds;
  return changeKeys(store, async (client) => {
    const { isForeign } = await loadKeys(store, now, client);
    if (isForeign && !rotation.isCompromised) throw foreignKeys();
    const retired = await retireKeys(store, client, { ...rotation, leadSeconds });
    const activeAt = await insertKey(store, client, sealed, leadSeconds);
    const createdAt = new Date(activeAt.getTime() - leadSeconds * 1_000);
    return { kid: sealed.kid, algorithm: sealed.algorithm, createdAt, activeAt, retired };
  });
}

/** What ends sooner already goes on ending then. */
async function retireKeys(
  { schema, graceSeconds }: KeyStore,
  client: Queryable,
  rotation: Rotation,
): Promise<RotatedKeys["retired"]> {
  const start = "now() + make_interval(secs => $2::float8)";
  const { rows } = await client.query<{ kid: string; expires_at: Date }>(
    `WITH retired AS (
       UPDATE ${qualify(schema, "signing_keys")}
          SET retired_at = least(retired_at, ${start}),
              expires_at = CASE WHEN $4 THEN now()
                                WHEN retired_at <= ${start} THEN ${expiry("$1")}
                                ELSE least(expires_at, ${start} + make_interval(secs => $3::float8)) END
        WHERE ${expiry("$1")} IS NULL OR ${expiry("$1")} > now()
       RETURNING kid, active_at, expires_at)
     SELECT kid, expires_at FROM retired ORDER BY active_at DESC, kid`,
    [graceSeconds, rotation.leadSeconds, rotation.graceSeconds, rotation.isCompromised],
  );
  return rows.map(({ kid, expires_at: expiresAt }) => ({ kid, expiresAt }));
}
