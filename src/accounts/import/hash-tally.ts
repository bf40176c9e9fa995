import { type HashFault, isVerifiable, type Reading } from "../../passwords/stored-hash.ts";

/** How many hashes of a file are of one format and, where they verify nothing, for one reason. */
export interface HashCount {
  /** Null where no format has them. */
  readonly format: string | null;
  /** Null where they verify. */
  readonly fault: HashFault | null;
  readonly count: number;
}

/** Counts the hashes of a file. */
export class HashTally {
  readonly #counts = new Map<string, { format: string | null; fault: HashFault | null; count: number }>();

  add(reading: Reading): void {
    const fault = isVerifiable(reading) ? null : reading.fault;
    const key = `${reading.format} ${fault}`;
    const found = this.#counts.get(key);
    if (found === undefined) this.#counts.set(key, { format: reading.format, fault, count: 1 });
    else found.count += 1;
  }

  /** How many of them say nothing that anybody could sign in by, marks that nobody shall aside. */
  unverifiable(): number {
    const faulty = [...this.#counts.values()].filter(({ fault }) => fault !== null && fault !== "unusable");
    return faulty.reduce((sum, { count }) => sum + count, 0);
  }

  /** Most first; those that verify before those that do not. */
  counts(): readonly HashCount[] {
    return [...this.#counts.values()].sort(
      (one, other) => Number(one.fault !== null) - Number(other.fault !== null) || other.count - one.count,
    );
  }
}
