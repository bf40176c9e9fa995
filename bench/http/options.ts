import { parseArgs } from "node:util";

/** What a run of the benchmark was asked for. */
export interface HttpBenchOptions {
  /** How long one run of one product is measured. */
  readonly seconds: number;
  readonly repeats: number;
  /** Little of everything, for trying out; never written into the documents. */
  readonly quick: boolean;
  /** Where the results go, as JSON. */
  readonly out: string;
  /** Only writes the document from earlier results. */
  readonly render: boolean;
}

/** About five minutes in all. */
const DEFAULTS = { seconds: 5, repeats: 5, out: "bench/results/http.json" };

/** Reads the command line; what it does not know is an error. */
export function readOptions(args: readonly string[]): HttpBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string" },
      repeats: { type: "string" },
      quick: { type: "boolean" },
      out: { type: "string" },
      render: { type: "boolean" },
    },
  });
  const { quick = false, render = false } = values;
  return {
    seconds: numberOf("seconds", values.seconds, quick ? 1 : DEFAULTS.seconds),
    repeats: numberOf("repeats", values.repeats, quick ? 1 : DEFAULTS.repeats),
    quick,
    out: values.out ?? (quick ? "bench/results/http-quick.json" : DEFAULTS.out),
    render,
  };
}

/** Only such a run is written into the documents. */
export function isWhole({ seconds, repeats, quick }: HttpBenchOptions): boolean {
  return !quick && seconds >= DEFAULTS.seconds && repeats >= DEFAULTS.repeats;
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0.`);
  return value;
}
