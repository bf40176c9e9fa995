import type { JWTPayload } from "jose";
import { PACKED_ENTRY_BYTES } from "./revocation-set.ts";

/** The `typ` of a signed part of the feed; no access token has it, and it is none. */
export const SNAPSHOT_TYPE = "revocations+jwt";

/** What a signed part of the feed says. */
export interface SnapshotClaims {
  /** Where to go on from. */
  readonly position: string;
  /** Whether everything is told, and not only what is new since a position. */
  readonly complete: boolean;
  /** What to ask the next part with; null where this was the last. */
  readonly next: string | null;
  /** Milliseconds by which it was old when it was written. */
  readonly age: number;
  /** What was issued before this, in seconds since 1970, the feed cannot vouch for. */
  readonly vouchedFrom: number;
  /** Whether every token has to be confirmed by asking about it. */
  readonly confirm: boolean;
  /** The ids of the keys that verify. */
  readonly keyIds: readonly string[];
  /** Packed entries. */
  readonly entries: Uint8Array;
}

/** The claims of a payload whose signature, issuer and audience are good; null where it is no part of the feed. */
export function readSnapshotClaims(payload: JWTPayload): SnapshotClaims | null {
  const {
    position,
    complete,
    next,
    age_ms: age,
    vouched_from: vouchedFrom,
    confirm,
    keys,
    revoked,
  } = payload;
  if (typeof position !== "string" || typeof complete !== "boolean" || typeof confirm !== "boolean")
    return null;
  if (next !== null && typeof next !== "string") return null;
  if (!isMeasure(age) || (vouchedFrom !== null && !isMeasure(vouchedFrom))) return null;
  if (!isTexts(keys) || typeof revoked !== "string") return null;
  const entries = Buffer.from(revoked, "base64url");
  if (entries.length % PACKED_ENTRY_BYTES !== 0) return null;
  return {
    ...{ position, complete, next, age, confirm, keyIds: keys, entries },
    vouchedFrom: vouchedFrom ?? Number.POSITIVE_INFINITY,
  };
}

function isMeasure(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
