import { type Application, publicKeyOf, signIn } from "./application.ts";
import { type Child, startChild } from "./child.ts";
import type { Measuring } from "./measuring.ts";
import { type Spread, spreadOf } from "./percentiles.ts";

/** Tokens that neither had seen before, the same for both: microseconds. */
export interface FreshRun {
  readonly repeat: number;
  readonly authgraft: Spread;
  readonly jose: Spread;
}

/** Tokens that both see in turn, and turns of a round. */
const [CHUNK, TURNS] = [20, 20];

/** Tokens before those that count, for the code of both to be compiled as it is in a server of some minutes. */
const WARM_UP = 1_500;

const AUTHGRAFT = new URL("./children/authgraft-verify.ts", import.meta.url);
const JOSE = new URL("./children/jose-verify.ts", import.meta.url);

interface Pair {
  readonly own: Child;
  readonly jose: Child;
}

/** Times who verifies tokens that it never saw before, each in a process of its own that has done nothing else. */
export async function measureFirstSight(measuring: Measuring, application: Application): Promise<FreshRun[]> {
  const { options, signal } = measuring;
  const warmUp = options.quick ? WARM_UP / 10 : WARM_UP;
  const tokens = await signIn(application, warmUp + options.repeats * CHUNK * TURNS);
  const key = await publicKeyOf(application);
  const pair = {
    own: await startChild(AUTHGRAFT, application, signal),
    jose: await startChild(JOSE, { key, url: null }, signal),
  };
  try {
    for (const child of [pair.own, pair.jose]) await child.call("once", tokens.slice(0, warmUp));
    return await measureRounds(measuring, pair, tokens.slice(warmUp));
  } finally {
    await pair.own.stop();
    await pair.jose.stop();
  }
}

async function measureRounds(
  { options, say }: Measuring,
  pair: Pair,
  tokens: readonly string[],
): Promise<FreshRun[]> {
  const runs: FreshRun[] = [];
  for (let repeat = 1; repeat <= options.repeats; repeat++) {
    const from = (repeat - 1) * CHUNK * TURNS;
    const run = { repeat, ...(await measureRound(pair, tokens.slice(from, from + CHUNK * TURNS))) };
    runs.push(run);
    const [own, jose] = [run.authgraft, run.jose];
    say(
      `first sight #${repeat}: ${own.mean.toFixed(1)} µs, jose ${jose.mean.toFixed(1)} µs; ` +
        `p50 ${own.p50.toFixed(1)} and ${jose.p50.toFixed(1)}`,
    );
  }
  return runs;
}

/** Each of the two is the first in every second turn. */
async function measureRound(
  { own, jose }: Pair,
  tokens: readonly string[],
): Promise<Omit<FreshRun, "repeat">> {
  const taken = new Map<Child, number[]>([
    [own, []],
    [jose, []],
  ]);
  for (let turn = 0; turn < TURNS; turn++) {
    const chunk = tokens.slice(turn * CHUNK, (turn + 1) * CHUNK);
    for (const child of turn % 2 === 0 ? [own, jose] : [jose, own])
      taken.get(child)?.push(...(await child.call<number[]>("once", chunk)));
  }
  return { authgraft: spreadOf(taken.get(own) ?? []), jose: spreadOf(taken.get(jose) ?? []) };
}
