import type { PresentedRefreshToken, RefreshToken } from "./refresh-tokens.ts";

/** A token that has been used, and when, in milliseconds since 1970. */
export interface UsedRefreshToken {
  /** The hash, in base64url. */
  readonly hash: string;
  readonly at: number;
}

/** What is stored of the refresh tokens of a session. */
export interface StoredRefreshTokens {
  /** The hash of the one that may be used; null where the session has none. */
  readonly current: Uint8Array | null;
  readonly used: readonly UsedRefreshToken[];
}

/**
 * What becomes of a refresh token: it is used, it is used once more within a moment and the same one follows,
 * it was used before and somebody else has it (the session has to end), or it says nothing.
 */
export type RefreshDecision =
  | {
      readonly kind: "rotate";
      readonly successor: RefreshToken;
      readonly used: readonly UsedRefreshToken[];
    }
  | { readonly kind: "repeat"; readonly successor: RefreshToken }
  | { readonly kind: "reuse" }
  | { readonly kind: "unknown" };

/** Milliseconds for which a token that was used still brings the same successor: for two tabs, and answers that got lost. */
export const REPEAT_WINDOW = 10_000;

/** Nobody refreshes more often within the window; what is older is dropped sooner. */
export const MOST_USED = 100;

/** Decides about a refresh token of a session that goes on. `now` is in milliseconds since 1970. */
export function decideRefresh(
  presented: PresentedRefreshToken,
  { current, used }: StoredRefreshTokens,
  now: number,
): RefreshDecision {
  if (current === null) return { kind: "unknown" };
  const recent = used.filter(({ at }) => now - at <= REPEAT_WINDOW);
  const hash = hashText(presented.hash);
  if (hash === hashText(current)) {
    const [successor] = presented.successors();
    return { kind: "rotate", successor, used: [{ hash, at: now }, ...recent].slice(0, MOST_USED) };
  }
  // A text that none of our secrets has made may be a stranger's, who must not be able to end a session.
  if (!recent.some((one) => one.hash === hash)) return { kind: presented.isOurs ? "reuse" : "unknown" };
  const successor = newestAfter(presented, hashText(current), recent);
  return successor === null ? { kind: "unknown" } : { kind: "repeat", successor };
}

/**
 * The one that may be used now. Where the successor was used as well by now, the one after it: whoever gets this
 * answer last must not be left with a token whose next use would be taken for theft. Under which secret each was
 * made, only what is stored tells.
 */
function newestAfter(
  presented: Pick<RefreshToken, "hash" | "successors">,
  current: string,
  recent: readonly UsedRefreshToken[],
): RefreshToken | null {
  const used = new Set(recent.map((one) => one.hash));
  let [last, steps] = [presented, 0];
  while (steps <= recent.length) {
    steps += 1;
    const successors = last.successors();
    const newest = successors.find((one) => hashText(one.hash) === current);
    if (newest !== undefined) return newest;
    const next = successors.find((one) => used.has(hashText(one.hash)));
    if (next === undefined) return null;
    last = next;
  }
  return null;
}

/** A hash as it is kept among those that were used. */
export function hashText(hash: Uint8Array): string {
  return Buffer.from(hash).toString("base64url");
}
