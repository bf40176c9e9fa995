import { type Spread, spreadOf } from "./percentiles.ts";

/** What one call takes. */
export interface CallTimes {
  /** Microseconds each, of as many as fit into the time, the clock read once for a hundred. */
  readonly mean: number;
  /** Microseconds, of calls that were each timed. */
  readonly spread: Spread;
}

/** Calls between two looks at the clock. */
const BATCH = 100;

/** Makes a call one after the other for so many milliseconds: half of them by the hundred, half one by one. */
export async function timeCalls(call: () => unknown, milliseconds: number): Promise<CallTimes> {
  const mean = await timeBatches(call, milliseconds / 2);
  return { mean, spread: await timeEach(call, milliseconds / 2) };
}

/** Makes the call with each value once. */
export async function timeOnce<Value>(
  values: readonly Value[],
  call: (value: Value) => unknown,
): Promise<number[]> {
  const taken: number[] = [];
  for (const value of values) taken.push(await timed(() => call(value)));
  return taken;
}

async function timeBatches(call: () => unknown, milliseconds: number): Promise<number> {
  const begun = performance.now();
  let [calls, now] = [0, begun];
  for (; now - begun < milliseconds; now = performance.now()) {
    for (let turn = 0; turn < BATCH; turn++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    calls += BATCH;
    // What a process does beside is done between two batches.
    await new Promise(setImmediate);
  }
  return ((now - begun) * 1_000) / calls;
}

async function timeEach(call: () => unknown, milliseconds: number): Promise<Spread> {
  const taken: number[] = [];
  for (const begun = performance.now(); performance.now() - begun < milliseconds; ) {
    for (let turn = 0; turn < BATCH; turn++) taken.push(await timed(call));
    await new Promise(setImmediate);
  }
  return spreadOf(taken);
}

/** Microseconds; who answers at once is not made to wait for a turn. */
async function timed(call: () => unknown): Promise<number> {
  const begun = performance.now();
  const result = call();
  if (result instanceof Promise) await result;
  return (performance.now() - begun) * 1_000;
}
