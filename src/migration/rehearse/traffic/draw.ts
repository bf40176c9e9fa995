import type { TrafficParameter, TrafficStatement } from "./options.ts";

/** Draws what is sent next. */
export interface Draw {
  /** The place of a statement in the list, by weight. */
  statement(): number;
  parameters(statement: TrafficStatement): (string | number | null)[];
}

/** Makes a generator that draws the same for the same seed. */
export function createDraw(statements: readonly TrafficStatement[], seed: number): Draw {
  const random = mulberry32(seed);
  const weights = statements.map((statement) => statement.weight ?? 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let counter = 0;
  const value = (parameter: TrafficParameter) => {
    if (parameter.kind === "counter") return `${parameter.prefix}${counter++}`;
    if (parameter.kind === "list")
      return parameter.values[between(random, 0, parameter.values.length - 1)] ?? null;
    return between(random, parameter.from, parameter.to);
  };
  return {
    statement: () => placeOf(weights, random() * total),
    parameters: (statement) => statement.parameters.map(value),
  };
}

function placeOf(weights: readonly number[], point: number): number {
  let left = point;
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return Math.max(place, 0);
}

function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** A number from 0 to just below 1; for load only, nothing secret comes from it. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
