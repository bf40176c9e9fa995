import { type JWTPayload, SignJWT } from "jose";
import type { KeyPair } from "../sealed-key.ts";
import { writeCursor } from "./feed-cursor.ts";
import type { FeedPart } from "./snapshot.ts";
import { SNAPSHOT_TYPE } from "./snapshot-claims.ts";

/** What a snapshot says besides the feed. */
export interface SnapshotAnswer {
  readonly issuer: string;
  /** The service that asked. */
  readonly service: string;
  readonly nonce: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** The ids of the keys that verify now. */
  readonly keyIds: readonly string[];
  /** Whether a token has to be confirmed by asking about it, however little was revoked. */
  readonly confirm: boolean;
}

/** Writes a part of the feed as a compact JWS by the key that signs access tokens. It was read for this answer alone. */
export function signSnapshot(key: KeyPair, part: FeedPart, answer: SnapshotAnswer): Promise<string> {
  return new SignJWT(claimsOf(part, answer))
    .setProtectedHeader({ alg: key.algorithm, typ: SNAPSHOT_TYPE, kid: key.kid })
    .setIssuer(answer.issuer)
    .setAudience(answer.service)
    .setIssuedAt(answer.issuedAt)
    .sign(key.privateKey);
}

function claimsOf(part: FeedPart, { nonce, keyIds, confirm }: SnapshotAnswer): JWTPayload {
  return {
    ...{ nonce, position: part.position, complete: part.complete, age_ms: 0, confirm, keys: keyIds },
    next: part.next === null ? null : writeCursor(part.next),
    vouched_from: Number.isFinite(part.vouchedFrom) ? part.vouchedFrom : null,
    revoked: part.entries.toString("base64url"),
  };
}
