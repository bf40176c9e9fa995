import type { HashClass } from "./hash-class.ts";
import type { HashingPool } from "./pool/hashing-pool.ts";
import { createLevelKeeper, type LevelKeeper } from "./pool/level.ts";

/**
 * What failures are to cost, for passwords of a usual length and for long ones: some formats read all of a
 * password in each round, so that another class may be the slowest then.
 */
export interface Levels {
  /** The keeper for a password of so many bytes. */
  of(passwordBytes: number): Pick<LevelKeeper, "current" | "observe">;
  /** Takes note of the classes there are, and measures those that are new. */
  learn(classes: readonly HashClass[]): Promise<void>;
}

/** In bytes: what is beyond is long. */
const USUAL = 64;

/** In bytes: the formats that read all of a password in each round take no more than this. */
const LONG = 512;

interface Range {
  readonly keeper: LevelKeeper;
  readonly measuredWith: number;
}

/** Measures what a new hash costs, and begins with that. */
export async function createLevels(pool: HashingPool, own: HashClass): Promise<Levels> {
  const begin = async (measuredWith: number): Promise<Range> => ({
    keeper: createLevelKeeper(own, await measure(pool, own, measuredWith)),
    measuredWith,
  });
  const [usual, long] = [await begin(USUAL), await begin(LONG)];
  return {
    of: (passwordBytes) => (passwordBytes <= USUAL ? usual.keeper : unobserved(long.keeper)),
    async learn(classes) {
      for (const range of [usual, long]) await learn(pool, range, classes);
    },
  };
}

/** What long passwords of many lengths took says nothing of one length, and whoever likes may send them. */
function unobserved({ current }: LevelKeeper): Pick<LevelKeeper, "current" | "observe"> {
  return { current, observe: () => undefined };
}

async function learn(pool: HashingPool, { keeper, measuredWith }: Range, classes: readonly HashClass[]) {
  const measured: [HashClass, number][] = [];
  for (const one of keeper.unknown(classes)) measured.push([one, await measure(pool, one, measuredWith)]);
  // Not before all is measured: until then what was known goes on being the level.
  keeper.keepOnly(classes);
  for (const [one, microseconds] of measured) keeper.observe(one, microseconds);
}

async function measure(pool: HashingPool, { stored }: HashClass, passwordBytes: number): Promise<number> {
  const work = { kind: "measure", stored, passwordBytes } as const;
  return (await pool.run(work, { lane: "background" })).microseconds;
}
