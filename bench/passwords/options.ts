import { parseArgs } from "node:util";

/** What a run of the benchmark was asked for. */
export interface BenchOptions {
  /** How long each run is measured. */
  readonly seconds: number;
  readonly repeats: number;
  /** Where the results go, as JSON. */
  readonly out: string;
  /** Only writes the documents from earlier results. */
  readonly render: boolean;
}

/** About ten minutes in all. */
const DEFAULTS: BenchOptions = {
  seconds: 18,
  repeats: 3,
  out: "bench/results/passwords.json",
  render: false,
};

/** Seconds of load before each measurement: connections are made, code is compiled, queues fill. */
export const WARM_UP = 2;

/** Seconds and repeats from which on a run is written into the documents: 500 checks have a p99 at all. */
const LEAST = { seconds: 10, repeats: 3 };

/** Reads the command line; what it does not know is an error. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      repeats: { type: "string" },
      out: { type: "string" },
      render: { type: "boolean" },
    },
  });
  return {
    seconds: numberOf("seconds", values.seconds, DEFAULTS.seconds),
    repeats: numberOf("repeats", values.repeats, DEFAULTS.repeats),
    out: values.out ?? DEFAULTS.out,
    render: values.render ?? false,
  };
}

/** Only such a run is written into the documents. */
export function isLongEnough({ seconds, repeats }: BenchOptions): boolean {
  return seconds >= LEAST.seconds && repeats >= LEAST.repeats;
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0.`);
  return value;
}
