import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { LockSpan, LockWatch } from "./results.ts";
import { CHANGERS } from "./roles.ts";

/** Between two looks at the locks, and at what goes on besides, in milliseconds. */
const LOOK = 5;
const LOOK_ABOUT = 50;

interface LockRow {
  readonly pid: number;
  readonly mode: string;
  readonly granted: boolean;
}

interface WaiterRow {
  readonly waited: number;
}

interface Surroundings {
  readonly autovacuum: boolean;
  readonly waits: boolean;
}

/** Only what waits or is strong: most looks find nothing, and cost the server next to nothing. */
const LOCKS = `SELECT l.pid, l.mode, l.granted FROM pg_locks l
  WHERE l.locktype = 'relation' AND l.relation = $1 AND (NOT l.granted OR l.mode IN
    ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))`;

const WAITERS = `WITH changers AS (SELECT array_agg(pid) AS pids FROM pg_stat_activity WHERE application_name LIKE ANY ($2::text[]))
  SELECT (extract(epoch FROM clock_timestamp() - l.waitstart) * 1000)::float8 AS waited FROM pg_locks l, changers c
  WHERE l.locktype = 'relation' AND l.relation = $1 AND NOT l.granted
    AND NOT l.pid = ANY (c.pids) AND pg_blocking_pids(l.pid) && c.pids`;

const ABOUT = `SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a USING (pid)
      WHERE v.relid = $1 AND a.backend_type = 'autovacuum worker') AS autovacuum,
    EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE ANY ($2::text[]) AND state = 'active'
      AND (wait_event_type = 'Lock' OR wait_event = 'PgSleep')) AS waits`;

const NAMES =
  "SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[]) AND application_name LIKE ANY ($2::text[])";

/** Looks at the locks on a table again and again, until it is stopped. */
export class LockSampler {
  readonly #clients: readonly pg.Client[];
  readonly #table: string;
  readonly #begun: number;
  readonly #locks = new Map<string, LockSpan>();
  readonly #ended: LockSpan[] = [];
  readonly #queue: { at: number; waiting: number }[] = [];
  readonly #about: (Surroundings & { readonly at: number })[] = [];
  readonly #changers = new Map<number, boolean>();
  #looks = 0;
  #longestWait = 0;
  #going = true;
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(clients: readonly pg.Client[], table: string, begun: number) {
    this.#clients = clients;
    this.#table = table;
    this.#begun = begun;
  }

  /** @param begun the moment that all times count from, on the clock of `performance.timeOrigin`. */
  static async start(superuserUrl: string, begun: number): Promise<LockSampler> {
    const open = async () => {
      const client = new pg.Client({ connectionString: superuserUrl, application_name: "bench watch" });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    };
    const [first, second] = [await open(), await open()];
    const { rows } = await first.query<{ oid: string }>("SELECT 'public.users'::regclass::oid AS oid");
    const sampler = new LockSampler([first, second], rows[0]?.oid ?? "", begun);
    sampler.#loops = Promise.all([
      sampler.#loop(LOOK, () => sampler.#look(first)),
      sampler.#loop(LOOK_ABOUT, () => sampler.#lookAbout(second)),
    ]);
    return sampler;
  }

  async stop(change: { readonly from: number; readonly to: number } | null): Promise<LockWatch> {
    this.#going = false;
    await this.#loops.catch(() => undefined);
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
    const before = this.#about.filter(({ at }) => change === null || at < change.from);
    const during = this.#about.filter(({ at }) => change !== null && at >= change.from && at <= change.to);
    return {
      looks: this.#looks,
      longestWait: this.#longestWait,
      longestQueue: Math.max(0, ...this.#queue.map(({ waiting }) => waiting)),
      queue: this.#queue,
      locks: [...this.#ended, ...this.#locks.values()].sort((a, b) => a.from - b.from),
      autovacuum: before.filter(({ autovacuum }) => autovacuum).length / Math.max(1, before.length),
      waiting: during.filter(({ waits }) => waits).length * LOOK_ABOUT,
    };
  }

  async #loop(interval: number, work: () => Promise<void>): Promise<void> {
    while (this.#going) {
      const next = performance.now() + interval;
      await work();
      await sleep(Math.max(1, next - performance.now()));
    }
  }

  #now(): number {
    return performance.timeOrigin + performance.now() - this.#begun;
  }

  async #look(client: pg.Client): Promise<void> {
    const { rows } = await client.query<LockRow>({ name: "locks", text: LOCKS, values: [this.#table] });
    this.#looks++;
    const waiting = rows.some(({ granted }) => !granted) ? await this.#waiters(client) : [];
    if (waiting.length > 0 || this.#queue.at(-1)?.waiting) {
      this.#queue.push({ at: this.#now(), waiting: waiting.length });
    }
    this.#longestWait = Math.max(this.#longestWait, ...waiting);
    await this.#spans(client, rows);
  }

  async #waiters(client: pg.Client): Promise<number[]> {
    const values = [this.#table, CHANGERS];
    const { rows } = await client.query<WaiterRow>({ name: "waiters", text: WAITERS, values });
    return rows.map(({ waited }) => waited);
  }

  /** A lock that is seen twice in a row was held between. */
  async #spans(client: pg.Client, rows: readonly LockRow[]): Promise<void> {
    const ours = await this.#changersAmong(client, rows);
    const seen = new Set<string>();
    for (const { pid, mode, granted } of ours) {
      const key = `${pid} ${mode} ${granted}`;
      seen.add(key);
      const at = this.#now();
      const held = this.#locks.get(key);
      this.#locks.set(key, { mode, granted, from: held?.from ?? at, to: at });
    }
    for (const [key, span] of this.#locks) {
      if (seen.has(key)) continue;
      this.#ended.push(span);
      this.#locks.delete(key);
    }
  }

  async #changersAmong(client: pg.Client, rows: readonly LockRow[]): Promise<LockRow[]> {
    const unknown = rows.map(({ pid }) => pid).filter((pid) => !this.#changers.has(pid));
    if (unknown.length > 0) {
      const found = await client.query<{ pid: number }>(NAMES, [unknown, CHANGERS]);
      for (const pid of unknown)
        this.#changers.set(
          pid,
          found.rows.some((row) => row.pid === pid),
        );
    }
    return rows.filter(({ pid }) => this.#changers.get(pid));
  }

  async #lookAbout(client: pg.Client): Promise<void> {
    const values = [this.#table, CHANGERS];
    const { rows } = await client.query<Surroundings>({ name: "about", text: ABOUT, values });
    if (rows[0] !== undefined) this.#about.push({ ...rows[0], at: this.#now() });
  }
}
