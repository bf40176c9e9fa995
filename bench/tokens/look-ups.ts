import { createHistogram } from "node:perf_hooks";
import type { JudgedToken, Revocations } from "../../src/tokens/revocations/revocations.ts";
import { waitOf } from "./percentiles.ts";

/** Look-ups in each turn of the event loop, for some time. */
export interface LookUps {
  readonly count: number;
  /** Microseconds of a look-up itself. */
  readonly call: { readonly p50: number; readonly p999: number; readonly slowest: number };
  /** Milliseconds that one waits who comes at any moment, until the event loop's turn comes that looks up. */
  readonly wait: { readonly p50: number; readonly p999: number; readonly slowest: number };
}

/** Milliseconds: shorter turns are counted together, as nobody waits long for them. */
const SHORT = 0.02;

/** Milliseconds between two questions whether it is over, which counts the entries of every shard. */
const ASK = 5;

/** Looks one token up in every turn until it is over. */
export function lookUpUntil(
  revocations: Revocations,
  tokens: readonly JudgedToken[],
  isOver: () => boolean,
): Promise<LookUps> {
  const calls = createHistogram();
  const turns = createTurns();
  let [count, asked] = [0, performance.now()];
  return new Promise((resolve) => {
    const look = () => {
      const token = tokens[count++ % tokens.length];
      const begun = performance.now();
      turns.began(begun);
      if (token !== undefined) revocations.judge(token);
      const done = performance.now();
      calls.record(Math.max(1, Math.round((done - begun) * 1e6)));
      if (done - asked < ASK) return void setImmediate(look);
      asked = done;
      if (!isOver()) return void setImmediate(look);
      const call = {
        p50: calls.percentile(50) / 1e3,
        p999: calls.percentile(99.9) / 1e3,
        slowest: calls.max / 1e3,
      };
      resolve({ count, call, wait: turns.wait() });
    };
    setImmediate(look);
  });
}

/** How long it was from turn to turn. */
function createTurns() {
  const long: number[] = [];
  let [last, short]: [number | undefined, number] = [undefined, 0];
  return {
    began(now: number): void {
      const taken = now - (last ?? now);
      last = now;
      if (taken > SHORT) long.push(taken);
      else short += taken;
    },
    wait(): LookUps["wait"] {
      const shorts = new Array<number>(Math.ceil(short / SHORT)).fill(SHORT);
      const turns = [...long, ...shorts];
      return {
        p50: waitOf(turns, 0.5),
        p999: waitOf(turns, 0.999),
        slowest: turns.reduce((most, turn) => Math.max(most, turn), 0),
      };
    },
  };
}
