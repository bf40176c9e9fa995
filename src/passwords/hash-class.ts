import type { Reading, StoredHash } from "./stored-hash.ts";
import { isVerifiable } from "./stored-hash.ts";

/** A class of stored hashes of one kind, as one of them. */
export interface HashClass {
  /**
   * Its format and those of its parameters that are words. Hashes that differ in numbers alone are one class,
   * for some programs give each of them a number of its own.
   */
  readonly name: string;
  readonly stored: string;
  /** How heavy this one is beside others of its class: the product of its numbers, unless its format knows better. */
  readonly weight: number;
}

/** The class of a stored hash, with itself as the one. */
export function classOf(stored: string, { format, parameters, weight }: StoredHash): HashClass {
  const words = Object.entries(parameters).filter(([, value]) => typeof value === "string");
  const numbers = Object.values(parameters).filter((value) => typeof value === "number");
  return {
    name: [format, ...words.map(([name, value]) => `${name}=${value}`)].join(" "),
    stored,
    weight: weight ?? numbers.reduce((product, number) => product * Math.max(1, number), 1),
  };
}

/** Keeps the heaviest hash of each class, however many are shown to it. */
export interface ClassCollector {
  add(stored: string, reading: Reading): void;
  classes(): readonly HashClass[];
}

/** Makes a collector. */
export function createClassCollector(): ClassCollector {
  const found = new Map<string, HashClass>();
  return {
    add(stored, reading) {
      if (!isVerifiable(reading)) return;
      const one = classOf(stored, reading);
      if (one.weight > (found.get(one.name)?.weight ?? 0)) found.set(one.name, one);
    },
    classes: () => [...found.values()],
  };
}
