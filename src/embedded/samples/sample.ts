import { SeededRandom } from "./random.ts";
import { sampleA } from "./sample-a.ts";
import { sampleB } from "./sample-b.ts";
import type { Column, Row, SampleName, SampleOptions, SchemaEntry, Shape } from "./shape.ts";

/** A table of a sample with its rows. */
export interface FilledTable {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Made as they are read, the same each time. */
  rows(): Iterable<Row>;
}

/** A sample database as data: what a loader loads and a dump prints. */
export interface Sample {
  readonly beforeData: readonly SchemaEntry[];
  readonly tables: readonly FilledTable[];
  /** The last value each sequence has given. */
  readonly sequences: readonly { readonly name: string; readonly lastValue: number }[];
  readonly afterData: readonly SchemaEntry[];
}

const SHAPES: Readonly<Record<SampleName, Shape>> = { a: sampleA, b: sampleB };

/** Makes a sample: the same options, the same bytes. */
export function makeSample(name: SampleName, options: SampleOptions = {}): Sample {
  const shape = SHAPES[name];
  const { seed = 1 } = options;
  const users = shape.users({ users: 10_000, emailCaseDuplicates: 0, ...options, seed });
  const tables = shape.tables.map(({ name: table, columns, rows }) => ({
    name: table,
    columns,
    rows: () => rows(users, new SeededRandom(seed, `${name}.${table}`)),
  }));
  const lastValue = (table: string) => {
    let last = 0;
    for (const [id] of tables.find((candidate) => candidate.name === table)?.rows() ?? []) last = Number(id);
    return last;
  };
  const sequences = Object.entries(shape.sequences).map(([sequence, table]) => ({
    name: sequence,
    lastValue: lastValue(table),
  }));
  return { beforeData: shape.beforeData, tables, sequences, afterData: shape.afterData };
}
