import { createHmac } from "node:crypto";
import { type RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { AuthgraftError, DatabaseError } from "../errors.ts";
import type { Counts, Limit, TakenFrom } from "./counts.ts";
import type { Turns } from "./turns.ts";
import type { AttemptUnderWay, UnderWay } from "./under-way.ts";

/** What is counted by itself. */
export type Kind = "account" | "device" | "address" | "registration" | "mail" | "mail_address" | "secret";

/** A point that was taken. */
export interface Point extends TakenFrom {
  readonly underWay: AttemptUnderWay;
}

/** Why no point was to be had. */
export interface Shortage {
  readonly kind: Kind;
  /** Whether attempts that are being looked at just now, and may turn out right, hold what is missing. */
  readonly isPassing: boolean;
  /** Milliseconds until the count begins anew. */
  readonly milliseconds: number;
}

/** So many points within a time, for each name. */
export interface Budget {
  /**
   * Takes a point in one statement, so that nobody takes one that is not there.
   *
   * @throws DatabaseError
   */
  take(name: string): Promise<Point | Shortage>;
}

export interface BudgetParts {
  readonly counts: Counts;
  readonly underWay: UnderWay;
  readonly turns: Turns;
  /** What digests of names are made with. */
  readonly key: Uint8Array;
}

/** Makes a budget. Names are stored as digests under a key: some type their password where the name belongs. */
export function createBudget(
  { counts, underWay, turns, key }: BudgetParts,
  kind: Kind,
  limit: Limit,
): Budget {
  const limiter = counts.limiter(kind, limit);
  return {
    async take(name) {
      const digest = createHmac("sha256", key).update(name).digest("base64url");
      const stored = limiter.getKey(digest);
      const attempt = underWay.begin(stored);
      try {
        // There are not as many points at all: the database need not be asked.
        if (attempt.atMost() > limit.most) return over(attempt, { kind, isPassing: true, milliseconds: 0 });
        const shortage = await turns(stored, () => consume(limiter, digest));
        const from = { key: stored, until: Date.now() + limit.windowSeconds * 1_000 };
        if (shortage === null) return { ...from, underWay: attempt };
        // What is refused does not count: else those who come back too early would keep everybody out.
        await turns(stored, () => counts.putBack(from, undefined));
        const others = shortage.consumedPoints - attempt.atMost();
        return over(attempt, { kind, isPassing: others < limit.most, milliseconds: shortage.msBeforeNext });
      } catch (error) {
        attempt.end();
        throw uncounted(error);
      }
    },
  };
}

function over(attempt: AttemptUnderWay, shortage: Shortage): Shortage {
  attempt.end();
  return shortage;
}

/** Null where the point was there. */
async function consume(limiter: RateLimiterPostgres, digest: string): Promise<RateLimiterRes | null> {
  try {
    await limiter.consume(digest);
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
}

function uncounted(error: unknown): AuthgraftError {
  if (error instanceof AuthgraftError) return error;
  return new DatabaseError("database_error", "Attempts cannot be counted just now.", { cause: error });
}
