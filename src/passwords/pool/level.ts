import type { HashClass } from "../hash-class.ts";
import type { Level } from "./work.ts";

/** What the classes in the users table cost, and which of them is the slowest. */
export interface LevelKeeper {
  /** What every failure is to cost. */
  current(): Level & { readonly of: HashClass };
  /** Those whose cost is not known, or that of another hash than the one that is the heaviest now. */
  unknown(classes: readonly HashClass[]): readonly HashClass[];
  /** One measurement of a hash of a class, in microseconds of processor time. */
  observe(of: HashClass, microseconds: number): void;
  /** Forgets the classes and the heaviest of a class that are no longer there, save what new hashes are. */
  keepOnly(classes: readonly HashClass[]): void;
}

/** How many measurements of a class are remembered. Machines are noisy, and busy at times. */
const REMEMBERED = 32;

/**
 * The level is a little above most of what the slowest class took lately: that class too is filled up to it,
 * so that what is left to see is the same for all.
 */
const SHARE = 0.9;
const MARGIN = 1.05;

interface Known {
  readonly of: HashClass;
  readonly latest: readonly number[];
}

/** Makes the keeper; `own` is the class of new hashes. */
export function createLevelKeeper(own: HashClass, microseconds: number): LevelKeeper {
  const known = new Map<string, Known>([[own.name, { of: own, latest: [microseconds] }]]);
  let level = slowest(known);
  const isNoMoreThanOwn = (name: string, weight: number) => name === own.name && weight <= own.weight;
  return {
    current: () => level,
    unknown: (classes) =>
      classes.filter(
        ({ name, weight }) => weight !== known.get(name)?.of.weight && !isNoMoreThanOwn(name, weight),
      ),
    observe(of, took) {
      const entry = known.get(of.name);
      // A lighter hash of a class says nothing about its heaviest, which stands for all of it.
      if (entry !== undefined && of.weight < entry.of.weight) return;
      const isSame = entry?.of.weight === of.weight;
      const latest = isSame ? [...entry.latest, took].slice(-REMEMBERED) : [took];
      known.set(of.name, { of: isSame ? entry.of : of, latest });
      level = slowest(known);
    },
    keepOnly(classes) {
      const heaviest = new Map(classes.map(({ name, weight }) => [name, weight]));
      for (const [name, { of }] of known) {
        // Else one hash that once was dearer than all others would have every failure cost as much for ever.
        if (of.weight > (heaviest.get(name) ?? 0) && !isNoMoreThanOwn(name, of.weight)) known.delete(name);
      }
      if (!known.has(own.name)) known.set(own.name, { of: own, latest: [microseconds] });
      level = slowest(known);
    },
  };
}

function slowest(known: ReadonlyMap<string, Known>): Level & { readonly of: HashClass } {
  const levels = [...known.values()].map(({ of, latest }) => ({
    of,
    stored: of.stored,
    microseconds: usual(latest) * MARGIN,
  }));
  return levels.reduce((most, level) => (level.microseconds > most.microseconds ? level : most));
}

function usual(latest: readonly number[]): number {
  const sorted = latest.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * SHARE)] ?? 0;
}
