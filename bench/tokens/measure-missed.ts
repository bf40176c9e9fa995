import { setTimeout as sleep } from "node:timers/promises";
import { query } from "../../scripts/support/database-server.ts";
import { makeApplication } from "./application.ts";
import { type Child, startChild } from "./child.ts";
import type { Kept } from "./children/feed-keeper.ts";
import { clock } from "./clock.ts";
import type { Measuring } from "./measuring.ts";
import { planStorm, raiseStorm } from "./storm.ts";

/** What one process knew when all was over. */
export interface KeeperRun {
  readonly interruptions: number;
  readonly entries: number;
  /** Committed revocations that its memory does not refuse. */
  readonly missed: number;
  /** Tokens that it refuses although they were never revoked: their transactions were rolled back. */
  readonly wrong: number;
  /** Milliseconds from the last commit until it knew of everything. */
  readonly caughtUp: number;
}

/** What came of it. */
export interface MissedResults {
  readonly revocations: number;
  readonly transactions: number;
  /** Transactions that stayed open for a while, and that were rolled back. */
  readonly late: number;
  readonly rolledBack: number;
  readonly seconds: number;
  /** Connections of listeners that were ended. */
  readonly killed: number;
  readonly keepers: readonly KeeperRun[];
}

const REVOCATIONS = 100_000;
const MILLISECONDS = 40_000;
const KEEPERS = 3;

/** So that every run draws the same transactions. */
const SEED = 20_260_101;

/** Revokes in many transactions while whoever listens is cut off every second, and looks what was missed. */
export async function measureMissed(measuring: Measuring): Promise<MissedResults> {
  const { database, options, signal, say } = measuring;
  const { url } = await makeApplication(database, "missed");
  const less = options.quick ? 10 : 1;
  const storm = planStorm(REVOCATIONS / less, SEED);
  const keepers: Child[] = [];
  try {
    const module = new URL("./children/feed-keeper.ts", import.meta.url);
    while (keepers.length < KEEPERS) keepers.push(await startChild(module, { url }, signal));
    const killer = killListeners(url, signal);
    const begun = performance.now();
    await raiseStorm(url, storm, MILLISECONDS / less);
    const over = clock();
    const killed = await killer.stop();
    const committed = storm.filter(({ commits }) => commits).flatMap(({ tokenIds }) => tokenIds);
    const others = storm.filter(({ commits }) => !commits).flatMap(({ tokenIds }) => tokenIds);
    const judge = (keeper: Child) => judgeKeeper(keeper, over, { committed, others });
    const results: MissedResults = {
      revocations: committed.length,
      transactions: storm.length,
      late: storm.filter(({ lingers }) => lingers > 0).length,
      rolledBack: storm.filter(({ commits }) => !commits).length,
      seconds: (performance.now() - begun) / 1_000,
      killed,
      keepers: await Promise.all(keepers.map(judge)),
    };
    for (const keeper of results.keepers) say(`${killed} connections killed; ${JSON.stringify(keeper)}`);
    return results;
  } finally {
    for (const keeper of keepers) await keeper.stop();
  }
}

interface TokenIds {
  readonly committed: readonly string[];
  readonly others: readonly string[];
}

async function judgeKeeper(keeper: Child, over: number, { committed, others }: TokenIds): Promise<KeeperRun> {
  let kept = await keeper.call<Kept>("state");
  while (kept.asOf < over) {
    await sleep(5);
    kept = await keeper.call<Kept>("state");
  }
  const caughtUp = clock() - over;
  const missed = await keeper.call<string[]>("notRefused", committed);
  const right = await keeper.call<string[]>("notRefused", others);
  const { entries, interruptions } = kept;
  return {
    ...{ interruptions, entries, caughtUp },
    missed: missed.length,
    wrong: others.length - right.length,
  };
}

interface Killer {
  /** Stops, and says how many connections were ended. */
  stop(): Promise<number>;
}

/** Ends the connection of everybody who listens, every second, as an administrator or a network would. */
function killListeners(url: string, signal: AbortSignal): Killer {
  const stopping = new AbortController();
  const stopped = AbortSignal.any([stopping.signal, signal]);
  const kill = async () => {
    let killed = 0;
    while (!stopped.aborted) {
      await sleep(1_000, undefined, { signal: stopped }).catch(() => undefined);
      if (stopped.aborted) break;
      const rows = await query<object>(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'authgraft revocations' AND datname = current_database()`,
      );
      killed += rows.length;
    }
    return killed;
  };
  const killing = kill();
  return {
    stop() {
      stopping.abort();
      return killing;
    },
  };
}
