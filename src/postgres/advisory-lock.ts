import type { Queryable } from "./client.ts";

/** The first half of every advisory lock key of ours: "agft" in ASCII. */
const SPACE = 0x61676674;

/** How often to ask again; the wait is ours, not the server's. */
const INTERVAL = 100;

/** What to call while another holds the lock, and how to give up. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Called once, when the lock is not had at the first try, with who holds it. */
  readonly onWait?: (holder: string) => void;
  /** Milliseconds after which to give up; the answer is false then. */
  readonly timeout: number;
}

/**
 * Takes a session-level advisory lock by asking again and again. It never waits inside the server: a
 * blocked waiter holds a snapshot there, and deadlocks with another session's concurrent index build.
 *
 * @returns whether the lock was had in time.
 */
export async function acquireAdvisoryLock(
  client: Queryable,
  name: string,
  options: WaitOptions,
): Promise<boolean> {
  const deadline = performance.now() + options.timeout;
  let told = false;
  while (!(await tryLock(client, name))) {
    options.signal?.throwIfAborted();
    if (performance.now() > deadline) return false;
    if (!told) {
      told = true;
      options.onWait?.(await describeHolder(client, name));
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  return true;
}

/** Gives the lock back. */
export async function releaseAdvisoryLock(client: Queryable, name: string): Promise<void> {
  await client.query("SELECT pg_advisory_unlock($1, hashtext($2))", [SPACE, name]);
}

/** Waits for a lock that ends with the transaction: for transactions that are short, and wait for no build of an index. */
export async function lockUntilCommit(client: Queryable, name: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1, hashtext($2))", [SPACE, name]);
}

async function tryLock(client: Queryable, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked",
    [SPACE, name],
  );
  return rows[0]?.locked ?? false;
}

async function describeHolder(client: Queryable, name: string): Promise<string> {
  const { rows } = await client.query<{ pid: number; usename: string | null; since: string | null }>(
    `SELECT l.pid, a.usename, (now() - a.backend_start)::interval(0)::text AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.classid::int8 = $1 AND l.objid = (hashtext($2)::int8 & 4294967295)::oid`,
    [SPACE, name],
  );
  const [holder] = rows;
  return holder === undefined
    ? "another run"
    : `pid ${holder.pid}${holder.usename === null ? "" : ` (${holder.usename}, for ${holder.since})`}`;
}
