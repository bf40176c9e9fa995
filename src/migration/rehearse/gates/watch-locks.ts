import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "../../../postgres/client.ts";
import type { Timeline } from "../rehearsal.ts";

/** Milliseconds between two looks. */
const INTERVAL = 3;

/** What was seen of Authgraft's locks on a table, and of who waited behind them. */
export interface WatchedLocks {
  /** The longest that a query was seen waiting for a lock that Authgraft held or asked for, in milliseconds. */
  readonly longestWait: number;
  /** What that wait was for. */
  readonly longestWaitFor: string | null;
  readonly looks: number;
  /** The longest time between two looks, in milliseconds. */
  readonly longestGap: number;
  /** Times in milliseconds since 1970, with fractions; so here too. */
  readonly locks: Timeline["locks"];
  /** When nobody looked for longer than the budget: a wait that was over before the next look went unseen. */
  readonly gaps: readonly Period[];
}

/** A time with a beginning and an end. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/**
 * One look: the modes that Authgraft holds or asks for on the table, and the longest wait of anybody else who is
 * blocked by it, in the queue too. `waitstart` is when a wait began, so a wait is measured however seldom one looks.
 *
 * @see https://www.postgresql.org/docs/current/view-pg-locks.html
 */
const LOOK_SQL = `
  WITH ours AS MATERIALIZED (
    SELECT pid FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft'
  ), locks AS MATERIALIZED (SELECT * FROM pg_catalog.pg_locks),
  waiting AS (
    SELECT extract(epoch FROM clock_timestamp() - w.waitstart)::float8 * 1000 AS waited, w.mode, w.locktype
    FROM locks w WHERE NOT w.granted AND w.waitstart IS NOT NULL AND w.pid NOT IN (SELECT pid FROM ours)
      AND pg_blocking_pids(w.pid) && ARRAY(SELECT pid FROM ours)
    ORDER BY 1 DESC LIMIT 1
  )
  SELECT (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('mode', l.mode, 'granted', l.granted)), '[]') FROM locks l
      WHERE l.locktype = 'relation' AND l.relation = $1::oid AND l.pid IN (SELECT pid FROM ours) AND l.mode = ANY($2::text[])) AS held,
    (SELECT waited FROM waiting) AS waited, (SELECT mode || ' on ' || locktype FROM waiting) AS "waitedFor"`;

/** What more than reading and writing rows takes. */
const MODES = [
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
];

interface Look {
  readonly held: readonly { readonly mode: string; readonly granted: boolean }[];
  readonly waited: number | null;
  readonly waitedFor: string | null;
}

/** Looks every few milliseconds, on a connection of its own, until it is told to stop; a budget in milliseconds. */
export function watchLocks(
  client: Client,
  tableOid: string,
  budget: number,
): { stop(): Promise<WatchedLocks> } {
  const seen = new Observations(budget);
  let watching = true;
  const watch = async () => {
    while (watching) {
      const { rows } = await client.query<Look>(LOOK_SQL, [tableOid, MODES]);
      if (rows[0] !== undefined) seen.add(now(), rows[0]);
      await pause(INTERVAL);
    }
  };
  const end = watch();
  // Whoever stops it is told; nobody may be waiting just then.
  end.catch(() => undefined);
  return {
    stop: async () => {
      watching = false;
      await end;
      return seen.summary();
    },
  };
}

/** Milliseconds since 1970, with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

interface OpenLock {
  readonly mode: string;
  readonly granted: boolean;
  readonly from: number;
  to: number;
}

class Observations {
  readonly #budget: number;
  readonly #closed: OpenLock[] = [];
  readonly #gaps: Period[] = [];
  #open = new Map<string, OpenLock>();
  #longestWait = 0;
  #waitedFor: string | null = null;
  #looks = 0;
  #longestGap = 0;
  #last: number | null = null;

  constructor(budget: number) {
    this.#budget = budget;
  }

  add(at: number, { held, waited, waitedFor }: Look): void {
    this.#looks++;
    this.#gap(this.#last ?? at, at);
    this.#last = at;
    if ((waited ?? 0) > this.#longestWait) {
      this.#longestWait = waited ?? 0;
      this.#waitedFor = waitedFor;
    }
    const open = new Map<string, OpenLock>();
    for (const { mode, granted } of held) {
      const key = `${mode} ${granted}`;
      const lock = this.#open.get(key) ?? { mode, granted, from: at, to: at };
      lock.to = at;
      open.set(key, lock);
    }
    this.#closed.push(...[...this.#open].filter(([key]) => !open.has(key)).map(([, lock]) => lock));
    this.#open = open;
  }

  #gap(from: number, to: number): void {
    this.#longestGap = Math.max(this.#longestGap, to - from);
    if (to - from > this.#budget) this.#gaps.push({ from, to });
  }

  summary(): WatchedLocks {
    return {
      gaps: this.#gaps,
      longestWait: this.#longestWait,
      longestWaitFor: this.#waitedFor,
      looks: this.#looks,
      longestGap: this.#longestGap,
      locks: [...this.#closed, ...this.#open.values()].sort((a, b) => a.from - b.from),
    };
  }
}
