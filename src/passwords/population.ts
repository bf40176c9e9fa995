import type { Queryable } from "../postgres/client.ts";
import { type ClassCollector, createClassCollector, type HashClass } from "./hash-class.ts";
import { FETCHED_TEXT, type ReadStoredHash } from "./registry.ts";
import { type HashFault, isVerifiable } from "./stored-hash.ts";

/** Where stored hashes are read: SQL, its names quoted. */
export interface HashSource {
  readonly table: string;
  readonly column: string;
  /** Percent of the table's pages that are read; all of them where absent. */
  readonly samplePercent?: number;
}

/** Reads about `most` users of a larger table, all of a smaller one. */
export function sampled(estimatedRows: number, most: number): Pick<HashSource, "samplePercent"> {
  return estimatedRows > most ? { samplePercent: (100 * most) / estimatedRows } : {};
}

/** How many users have hashes of one format, and why they verify nothing if they do not. */
export interface HashCount {
  /** Null where no format has them. */
  readonly format: string | null;
  readonly fault: HashFault | null;
  /** What is wrong, where something is. */
  readonly reason: string | null;
  readonly users: number;
}

/** What stands in a column of hashes. */
export interface HashPopulation {
  /** Most users first. */
  readonly counts: readonly HashCount[];
  /** Users without a hash. */
  readonly without: number;
  readonly classes: readonly HashClass[];
}

/** Rows a round trip; they are read in one go, which other requests wait for: some five milliseconds. */
const BATCH = 500;

/**
 * Reads every stored hash once and counts the formats, in the transaction that `client` is in: memory stays
 * flat, and no hash is kept save one of each class.
 *
 * @see https://www.postgresql.org/docs/current/sql-declare.html
 */
export async function countHashes(
  client: Queryable,
  source: HashSource,
  read: ReadStoredHash,
): Promise<HashPopulation> {
  const sample = source.samplePercent === undefined ? "" : `TABLESAMPLE SYSTEM (${source.samplePercent})`;
  await client.query(
    `DECLARE authgraft_hashes NO SCROLL CURSOR FOR SELECT left(${source.column}::text, ${FETCHED_TEXT}) AS hash FROM ${source.table} ${sample}`,
  );
  const tally = createTally(read);
  for (;;) {
    const { rows } = await client.query<{ hash: string | null }>(`FETCH ${BATCH} FROM authgraft_hashes`);
    for (const { hash } of rows) tally.add(hash);
    if (rows.length < BATCH) break;
  }
  await client.query("CLOSE authgraft_hashes");
  return tally.result();
}

function createTally(read: ReadStoredHash) {
  const counts = new Map<string, { -readonly [Key in keyof HashCount]: HashCount[Key] }>();
  const collector: ClassCollector = createClassCollector();
  let without = 0;
  return {
    add(hash: string | null): void {
      if (hash === null) {
        without += 1;
        return;
      }
      const reading = read(hash);
      collector.add(hash, reading);
      const [fault, reason] = isVerifiable(reading) ? [null, null] : [reading.fault, reading.reason];
      const key = `${reading.format} ${fault} ${reason}`;
      const count = counts.get(key);
      if (count === undefined) counts.set(key, { format: reading.format, fault, reason, users: 1 });
      else count.users += 1;
    },
    result: (): HashPopulation => ({
      counts: [...counts.values()].toSorted((one, other) => other.users - one.users),
      without,
      classes: collector.classes(),
    }),
  };
}
