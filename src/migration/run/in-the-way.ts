import type { Holder } from "./holders.ts";

/** Seconds after which a transaction is taken for one that will not end by itself in a moment: at first, and at last. */
const [LONG, LONGEST] = [1, 5];

/** The part of the time waited so far that a transaction must have lasted. */
const PART = 1 / 4;

/** What PostgreSQL adds to the statement of an autovacuum that does not give way to anybody. */
const WRAPAROUND = "(to prevent wraparound)";

/** Remembers when each holder was first seen, so that one whose start is hidden has an age too. */
export class HolderMemory {
  #firstSeen = new Map<string, number>();

  /** The holders with their ages in seconds; `now` in milliseconds, on any one clock. Forgets who is gone. */
  age(holders: readonly Holder[], now: number): Holder[] {
    const before = this.#firstSeen;
    this.#firstSeen = new Map(
      holders.map((holder) => [keyOf(holder), before.get(keyOf(holder)) ?? now] as const),
    );
    return holders.map((holder) => {
      const seen = (now - (this.#firstSeen.get(keyOf(holder)) ?? now)) / 1_000;
      return { ...holder, age: Math.max(holder.age ?? 0, seen) };
    });
  }
}

function keyOf({ pid, transaction }: Holder): string {
  return `${pid}/${transaction}`;
}

/**
 * Whether it is hopeless to ask for the lock while this one holds it. Short transactions are not: between
 * them there is room. Nor is an autovacuum, which yields to the weak lock that is asked for first, unless it
 * prevents wraparound.
 *
 * What counts as short grows with the seconds waited so far: one that was there from the beginning stands in
 * the way to its end, but a server so busy that there always is some other transaction of a second or two is
 * asked all the same.
 */
export function standsInTheWay(holder: Holder, waited: number): boolean {
  if (holder.prepared !== null) return true;
  if (holder.autovacuum) return isWraparound(holder);
  return (holder.age ?? 0) >= Math.min(LONGEST, Math.max(LONG, waited * PART));
}

/** An autovacuum that goes on whoever waits for it. */
export function isWraparound({ autovacuum, query }: Holder): boolean {
  return autovacuum && (query?.endsWith(WRAPAROUND) ?? false);
}
