import { setTimeout as sleep } from "node:timers/promises";
import type { TrafficOptions } from "../../src/migration/rehearse/traffic/options.ts";
import { startTraffic } from "../../src/migration/rehearse/traffic/start-traffic.ts";
import { withClient } from "./connection.ts";
import { errorsOf } from "./errors-of.ts";
import type { StandbyRun } from "./results.ts";

/** A standby that is being read and watched. */
export interface StandbyWatch {
  stop(changeFrom: number): Promise<StandbyRun>;
}

interface Delay {
  readonly at: number;
  readonly milliseconds: number;
}

/** Reads on the standby, and looks how far replay is behind the primary, which writes all the time. */
export async function watchStandby(
  traffic: TrafficOptions,
  superuserUrl: string,
  begun: number,
): Promise<StandbyWatch> {
  const delays: Delay[] = [];
  const state = { going: true };
  const played = await startTraffic(traffic);
  const looking = withClient(superuserUrl, "bench watch", async (client) => {
    while (state.going) {
      const { rows } = await client.query<{ delay: number | null }>(
        "SELECT (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8 AS delay",
      );
      const at = performance.timeOrigin + performance.now() - begun;
      delays.push({ at, milliseconds: rows[0]?.delay ?? 0 });
      await sleep(50);
    }
  });
  return {
    stop: async (changeFrom) => {
      const report = await played.stop();
      state.going = false;
      await looking;
      return {
        latency: report.total,
        errors: errorsOf(report),
        longestDelay: longest(delays.filter(({ at }) => at >= changeFrom)),
        delayBefore: longest(delays.filter(({ at }) => at > 0 && at < changeFrom)),
      };
    },
  };
}

function longest(delays: readonly Delay[]): number {
  return Math.max(0, ...delays.map(({ milliseconds }) => milliseconds));
}

/** Waits until the standby has replayed what the primary has written. */
export async function untilCaughtUp(primaryUrl: string, signal: AbortSignal): Promise<void> {
  await withClient(primaryUrl, "bench", async (client) => {
    for (;;) {
      const { rowCount } = await client.query(
        "SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()",
      );
      if ((rowCount ?? 0) > 0) return;
      await sleep(100, undefined, { signal });
    }
  });
}
