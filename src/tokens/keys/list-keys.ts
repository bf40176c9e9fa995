import { qualify } from "../../postgres/identifiers.ts";
import { openSealedKey } from "../sealed-key.ts";
import { expiry, isSigning, type KeyStore } from "../stored-keys.ts";

/**
 * What a key is for: it will sign, it signs, it only verifies, it does neither any more, or the secrets do not open
 * it, so that nobody knows.
 */
export type KeyState = "next" | "current" | "grace" | "expired" | "unreadable";

/** A key as a person sees it. */
export interface ListedKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: KeyState;
  readonly createdAt: Date;
  readonly activeAt: Date;
  readonly retiredAt: Date | null;
  readonly expiresAt: Date | null;
}

interface KeyRow {
  readonly now: Date;
  readonly kid: string;
  readonly algorithm: string;
  readonly private_jwe: string;
  readonly created_at: Date;
  readonly active_at: Date;
  readonly retired_at: Date | null;
  readonly expires_at: Date | null;
}

/** Every key there is, the newest first, as a server with this algorithm and these secrets uses it. */
export async function listKeys(store: KeyStore): Promise<ListedKey[]> {
  const { rows } = await store.pool.query<KeyRow>(
    `SELECT clock_timestamp() AS now, kid, algorithm, private_jwe, created_at, active_at, retired_at,
            ${expiry("$1")} AS expires_at
       FROM ${qualify(store.schema, "signing_keys")}
      ORDER BY created_at DESC, active_at DESC, kid`,
    [store.graceSeconds],
  );
  const opened = await Promise.all(rows.map((row) => openRow(row, store)));
  const [current] = opened
    .filter(({ algorithm, state, row }) => state === "grace" && algorithm === store.algorithm && signs(row))
    .toSorted((one, other) => other.row.active_at.getTime() - one.row.active_at.getTime());
  return opened.map((key) => describe(key, key === current ? "current" : key.state));
}

interface OpenedRow {
  readonly row: KeyRow;
  readonly algorithm: string;
  readonly state: Exclude<KeyState, "current">;
}

/** The algorithm is the one that was sealed with the key; what stands in the row beside it is a label. */
async function openRow(row: KeyRow, { sealingKeys }: KeyStore): Promise<OpenedRow> {
  const key = await openSealedKey({ kid: row.kid, privateJwe: row.private_jwe }, sealingKeys);
  return { row, algorithm: key?.algorithm ?? row.algorithm, state: stateOf(row, key !== null) };
}

function stateOf(
  { now, active_at, retired_at, expires_at }: KeyRow,
  isReadable: boolean,
): OpenedRow["state"] {
  if (expires_at !== null && expires_at <= now) return "expired";
  if (!isReadable) return "unreadable";
  return active_at > now && (retired_at === null || retired_at > active_at) ? "next" : "grace";
}

function signs({ now, active_at, retired_at }: KeyRow): boolean {
  const retiredAt = retired_at?.getTime() ?? Number.POSITIVE_INFINITY;
  return isSigning({ activeAt: active_at.getTime(), retiredAt }, now.getTime());
}

function describe({ row, algorithm }: OpenedRow, state: KeyState): ListedKey {
  return {
    ...{ kid: row.kid, algorithm, state },
    ...{ createdAt: row.created_at, activeAt: row.active_at },
    ...{ retiredAt: row.retired_at, expiresAt: row.expires_at },
  };
}
