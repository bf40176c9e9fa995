import { startChild } from "./child.ts";
import type { Expired, Loaded } from "./children/set-loader.ts";
import type { LookUps } from "./look-ups.ts";
import type { Measuring } from "./measuring.ts";
import { fillFeed } from "./revoke-many.ts";

/** What came of it. */
export interface SetResults {
  /** Loads of the smaller set, each in a process of its own, with nothing looked up meanwhile. */
  readonly loads: readonly Loaded[];
  /** The same with look-ups in every turn. */
  readonly watchedLoads: readonly Loaded[];
  /** One load of the larger set with look-ups, and what came then. */
  readonly large: Loaded;
  /** Nothing happens: what the machine itself does to look-ups. */
  readonly idle: LookUps;
  readonly expired: Expired;
}

/** How many times as many the larger set has. */
const LARGER = 10;

/** Milliseconds that look-ups last while nothing happens, and while half of the set expires and is swept. */
const [IDLE, EXPIRY] = [5_000, 20_000];

/** Milliseconds ahead: what is good for a quarter of an hour has expired by then. */
const AHEAD = 20 * 60_000;

/** Measures the set of revoked tokens: what it takes, how long it loads, and what look-ups feel of it. */
export async function measureSet(measuring: Measuring): Promise<SetResults> {
  const { options, say } = measuring;
  const { url, revoked } = await measuring.crowded();
  const [loads, watchedLoads]: [Loaded[], Loaded[]] = [[], []];
  for (let repeat = 1; repeat <= options.repeats; repeat++) {
    loads.push(await loadOnce(measuring, url, false));
    watchedLoads.push(await loadOnce(measuring, url, true));
    say(`load #${repeat}: ${describe(loads.at(-1))}; ${describe(watchedLoads.at(-1))}`);
  }
  const begun = performance.now();
  await fillFeed(url, revoked * (LARGER - 1));
  say(`the larger set took ${((performance.now() - begun) / 1_000).toFixed(0)} s to write`);
  return { loads, watchedLoads, ...(await measureLarge(measuring, url)) };
}

async function measureLarge(
  { options, signal, say }: Measuring,
  url: string,
): Promise<Pick<SetResults, "large" | "idle" | "expired">> {
  const child = await startChild(module, { url }, signal);
  const less = options.quick ? 10 : 1;
  try {
    const large = await child.call<Loaded>("load", { withLookUps: true });
    say(describe(large));
    const idle = await child.call<LookUps>("idle", IDLE / less);
    const expired = await child.call<Expired>("expire", { by: AHEAD, milliseconds: EXPIRY / less });
    say(`idle ${describeLookUps(idle)}`);
    say(`from ${expired.entries.join(" to ")} entries ${describeLookUps(expired.lookUps)}`);
    return { large, idle, expired };
  } finally {
    await child.stop();
  }
}

const module = new URL("./children/set-loader.ts", import.meta.url);

/** In a process of its own, for how much it grows. */
async function loadOnce({ signal }: Measuring, url: string, withLookUps: boolean): Promise<Loaded> {
  const child = await startChild(module, { url }, signal);
  try {
    return await child.call<Loaded>("load", { withLookUps });
  } finally {
    await child.stop();
  }
}

function describe(loaded: Loaded | undefined): string {
  if (loaded === undefined) return "";
  const { seconds, entries, bytes, growth, lookUps } = loaded;
  const each = `${(bytes / entries).toFixed(1)} bytes each, the process ${(growth / entries).toFixed(1)}`;
  return `${entries} in ${seconds.toFixed(2)} s, ${each}${lookUps === null ? "" : `, ${describeLookUps(lookUps)}`}`;
}

function describeLookUps({ count, call, wait }: LookUps): string {
  return (
    `${count} look-ups: p99.9 ${call.p999.toFixed(1)} µs, slowest ${call.slowest.toFixed(0)} µs; ` +
    `waiting p99.9 ${wait.p999.toFixed(2)} ms, slowest ${wait.slowest.toFixed(1)} ms`
  );
}
