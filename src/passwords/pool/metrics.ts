import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { PoolState } from "./hashing-pool.ts";
import type { PoolObserver } from "./observer.ts";

/** Seconds: from the renewal of a cheap hash to the longest wait. */
const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts what the pool does, in Prometheus' way; `state` is asked whenever somebody reads the figures.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export function measurePool(register: Registry, state: () => PoolState | undefined): PoolObserver {
  countStanding(register, state);
  const registers = [register];
  const waited = new Histogram({
    ...{ name: "authgraft_hashing_wait_seconds", help: "How long hashing waited for a thread.", registers },
    ...{ labelNames: ["lane"] as const, buckets: BUCKETS },
  });
  const worked = new Histogram({
    ...{ name: "authgraft_hashing_work_seconds", help: "How long a thread took.", registers },
    ...{ labelNames: ["kind"] as const, buckets: BUCKETS },
  });
  const refused = new Counter({
    ...{ name: "authgraft_hashing_refused_total", help: "What was not hashed, and why.", registers },
    labelNames: ["reason"] as const,
  });
  const abandoned = new Counter({
    ...{
      name: "authgraft_hashing_abandoned_total",
      help: "Clients that went away while waiting.",
      registers,
    },
  });
  const unverifiable = new Counter({
    ...{ name: "authgraft_unverifiable_hashes_total", help: "Logins against a hash that verifies nothing." },
    ...{ registers, labelNames: ["fault"] as const },
  });
  return {
    waited: (lane, milliseconds) => waited.observe({ lane }, milliseconds / 1_000),
    worked: (kind, milliseconds) => worked.observe({ kind }, milliseconds / 1_000),
    refused: (reason) => refused.inc({ reason }),
    abandoned: () => abandoned.inc(),
    unverifiable: (fault) => unverifiable.inc({ fault }),
  };
}

function countStanding(register: Registry, state: () => PoolState | undefined): void {
  const registers = [register];
  const threads = new Gauge({
    ...{ name: "authgraft_hashing_threads", help: "Hashing threads.", registers },
    ...{ labelNames: ["state"] as const, collect: () => setThreads() },
  });
  const setThreads = () => {
    const { threads: all = 0, running = 0 } = state() ?? {};
    threads.set({ state: "working" }, running);
    threads.set({ state: "idle" }, all - running);
  };
  const waiting = new Gauge({
    ...{ name: "authgraft_hashing_waiting", help: "What waits for a hashing thread.", registers },
    ...{ labelNames: ["lane"] as const, collect: () => setWaiting() },
  });
  const setWaiting = () => {
    for (const [lane, count] of Object.entries(state()?.waiting ?? {})) waiting.set({ lane }, count);
  };
}
