import { parseArgs } from "node:util";

/** What can be measured alone. */
export const MEASUREMENTS = ["verify", "http", "lag", "missed", "set", "outage"] as const;

/** One of them. */
export type Measurement = (typeof MEASUREMENTS)[number];

/** What a run of the benchmark was asked for. */
export interface BenchOptions {
  /** How long a run over HTTP is measured; what is timed without HTTP takes a tenth of it at a time. */
  readonly seconds: number;
  readonly repeats: number;
  readonly only: readonly Measurement[];
  /** A tenth of everything, for trying out; never written into the documents. */
  readonly quick: boolean;
  /** Where the results go, as JSON. */
  readonly out: string;
  /** Only writes the documents from earlier results. */
  readonly render: boolean;
}

/** About ten minutes in all. */
const DEFAULTS = { seconds: 5, repeats: 5, out: "bench/results/tokens.json" };

/** Reads the command line; what it does not know is an error. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      repeats: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean" },
      out: { type: "string" },
      render: { type: "boolean" },
    },
  });
  const { quick = false, render = false } = values;
  return {
    seconds: numberOf("seconds", values.seconds, quick ? 1 : DEFAULTS.seconds),
    repeats: numberOf("repeats", values.repeats, quick ? 2 : DEFAULTS.repeats),
    only: measurementsOf(values.only),
    quick,
    out: values.out ?? (quick ? "bench/results/tokens-quick.json" : DEFAULTS.out),
    render,
  };
}

/** Only such a run is written into the documents. */
export function isWhole({ seconds, repeats, quick, only }: BenchOptions): boolean {
  const isLongEnough = !quick && seconds >= DEFAULTS.seconds && repeats >= DEFAULTS.repeats;
  return isLongEnough && MEASUREMENTS.every((name) => only.includes(name));
}

function measurementsOf(text: string | undefined): readonly Measurement[] {
  if (text === undefined) return MEASUREMENTS;
  return text.split(",").map((name) => {
    const found = MEASUREMENTS.find((measurement) => measurement === name);
    if (found === undefined)
      throw new Error(`--only takes ${MEASUREMENTS.join(", ")}; it does not know "${name}".`);
    return found;
  });
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0.`);
  return value;
}
