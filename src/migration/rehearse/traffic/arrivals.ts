import type { Lane } from "./lane.ts";
import type { Recorder } from "./recorder.ts";

/** Something that goes on until it is told to stop; `stop` settles when all that was due has been answered. */
export interface Arrivals {
  stop(): Promise<void>;
}

/** By so much a timer of Node.js is late at its best; so much is the clock's and counted against nobody. */
const TIMER = 2;

/**
 * Open loop: something is due at a fixed rate, whether or not what came before has been answered. What finds no
 * connection free waits in line, and is counted from when it was due: a stall is counted for everything that
 * would have been sent meanwhile.
 */
export function openLoop(lanes: readonly Lane[], ratePerSecond: number, recorder: Recorder): Arrivals {
  const free = [...lanes];
  const waiting: number[] = [];
  const running = new Set<Promise<void>>();
  const begun = performance.now();
  let arrived = 0;
  const serve = async (lane: Lane, first: number) => {
    for (let due: number | undefined = first; due !== undefined; due = waiting.shift()) await lane.send(due);
    free.push(lane);
  };
  const dispatch = (due: number) => {
    const lane = free.pop();
    if (lane === undefined) return void waiting.push(due);
    const run: Promise<void> = serve(lane, due).finally(() => running.delete(run));
    running.add(run);
  };
  const dueAt = () => begun + (arrived * 1_000) / ratePerSecond;
  let timer = setTimeout(tick, 0);
  function tick(): void {
    const now = performance.now();
    for (; dueAt() <= now; arrived++) {
      const late = now - dueAt();
      recorder.late(late);
      dispatch(late < TIMER ? now : dueAt());
    }
    timer = setTimeout(tick, Math.max(0, dueAt() - now));
  }
  return {
    stop: async () => {
      clearTimeout(timer);
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Closed loop: as many as there are connections, each sending its next when the last is through. */
export function closedLoop(lanes: readonly Lane[]): Arrivals {
  let stopped = false;
  const running = lanes.map(async (lane) => {
    while (!stopped) await lane.send(performance.now());
  });
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}
