import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { VerificationUnavailableError } from "../errors.ts";
import {
  readSnapshotClaims,
  SNAPSHOT_TYPE,
  type SnapshotClaims,
} from "../tokens/revocations/snapshot-claims.ts";
import type { AuthgraftClient } from "./authgraft-client.ts";
import type { KeySet } from "./key-set.ts";
import type { VerifierSettings } from "./options.ts";

/** Where in the feed an answer is to begin. */
export interface SnapshotPlace {
  /** A position; null for everything. */
  readonly after: string | null;
  /** What the part before ended with; null for the first. */
  readonly cursor: string | null;
}

/** A part of the feed. */
export interface Snapshot extends SnapshotClaims {
  /** When it was written by Authgraft's clock, in seconds since 1970. */
  readonly writtenAt: number;
}

/** Asks for a part of the feed; what it says was written by Authgraft, for us, after we asked. */
export type AskSnapshot = (place: SnapshotPlace) => Promise<Snapshot>;

/** What signs the feed: a key that Authgraft has said to verify, or else one that is in its key set now. */
export interface SnapshotKeys {
  readonly keys: KeySet;
  readonly accepts: (kid: string) => boolean;
}

/** Milliseconds for a part. */
const PATIENCE = 2_000;

/**
 * Makes `askSnapshot`. It throws VerificationUnavailableError where there is no answer, and where there is one that was
 * not signed by a key of Authgraft's, or for another service, or for another question.
 */
export function createAskSnapshot(
  client: AuthgraftClient,
  keys: SnapshotKeys,
  settings: Pick<VerifierSettings, "issuer" | "service">,
): AskSnapshot {
  return async ({ after, cursor }) => {
    const nonce = randomBytes(18).toString("base64url");
    const query = new URLSearchParams({ nonce });
    if (after !== null) query.set("after", after);
    if (cursor !== null) query.set("cursor", cursor);
    const headers = { accept: "application/jwt" };
    const asked = performance.now();
    const text = await client.ask(`/v1/revocations?${query}`, { headers, patience: PATIENCE });
    const claims = await readSnapshot(text.trim(), { nonce, asked }, keys, settings);
    if (after === null && !claims.complete) throw unbelievable();
    return claims;
  };
}

async function readSnapshot(
  text: string,
  { nonce, asked }: { readonly nonce: string; readonly asked: number },
  { keys, accepts }: SnapshotKeys,
  { issuer, service }: Pick<VerifierSettings, "issuer" | "service">,
): Promise<Snapshot> {
  const kid = keyIdOf(text);
  // A key that is known but was not said lately to verify may be in wrong hands.
  const found = await keys.find(kid, accepts(kid) ? undefined : asked);
  if (found === null) throw unbelievable();
  const { payload } = await jwtVerify(text, found.key, {
    algorithms: [found.algorithm],
    typ: SNAPSHOT_TYPE,
    issuer,
    audience: service.id,
    requiredClaims: ["iat", "nonce"],
  }).catch((error: unknown) => {
    throw isOfAnotherIssuer(error) ? otherIssuer(error) : unbelievable(error);
  });
  const claims = payload.nonce === nonce ? readSnapshotClaims(payload) : null;
  if (claims === null || !claims.keyIds.includes(kid)) throw unbelievable();
  return { ...claims, writtenAt: Number(payload.iat) };
}

/** The signature was found good by then. */
function isOfAnotherIssuer(error: unknown): boolean {
  return error instanceof errors.JWTClaimValidationFailed && error.claim === "iss";
}

function otherIssuer(cause: unknown): VerificationUnavailableError {
  const fix = "Set `issuer` to what `tokens.issuer` is in the configuration of the Authgraft at `url`.";
  return new VerificationUnavailableError("The Authgraft at `url` is another issuer.", { cause, fix });
}

function keyIdOf(text: string): string {
  try {
    const { kid } = decodeProtectedHeader(text);
    if (typeof kid === "string") return kid;
  } catch {}
  throw unbelievable();
}

function unbelievable(cause?: unknown): VerificationUnavailableError {
  const fix = "See that `url` leads to Authgraft, and that nothing on the way keeps or changes its answers.";
  return new VerificationUnavailableError("What came as Authgraft's revocations is not believed.", {
    cause,
    fix,
  });
}
