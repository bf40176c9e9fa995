import { parseArgs } from "node:util";
import { PROFILES } from "./profiles.ts";

/** What a run of the benchmark was asked for. */
export interface BenchOptions {
  readonly rows: number;
  readonly seconds: number;
  readonly repeats: number;
  readonly profiles: readonly string[];
  /** Where the results go, as JSON. */
  readonly out: string;
  /** Only writes the documents from earlier results. */
  readonly render: boolean;
}

/** Five million rows, a minute, three times. */
const DEFAULTS: BenchOptions = {
  rows: 5_000_000,
  seconds: 60,
  repeats: 3,
  profiles: PROFILES.map(({ name }) => name),
  out: "bench/results/online.json",
  render: false,
};

/** Reads the command line; what it does not know is an error. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string" },
      seconds: { type: "string" },
      repeats: { type: "string" },
      profiles: { type: "string" },
      out: { type: "string" },
      render: { type: "boolean" },
    },
  });
  return {
    rows: numberOf("rows", values.rows, DEFAULTS.rows),
    seconds: numberOf("seconds", values.seconds, DEFAULTS.seconds),
    repeats: numberOf("repeats", values.repeats, DEFAULTS.repeats),
    profiles: profilesOf(values.profiles),
    out: values.out ?? DEFAULTS.out,
    render: values.render ?? false,
  };
}

/** Only such a run is written into the documents, which tell how many seconds each lasted. */
export function isWhole(options: BenchOptions): boolean {
  const { rows, repeats, profiles } = DEFAULTS;
  return (
    options.rows >= rows &&
    options.repeats >= repeats &&
    profiles.every((name) => options.profiles.includes(name))
  );
}

function numberOf(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0.`);
  return value;
}

function profilesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return DEFAULTS.profiles;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !DEFAULTS.profiles.includes(name));
  if (unknown.length > 0)
    throw new Error(`--profiles takes ${DEFAULTS.profiles.join(", ")}; not ${unknown}.`);
  return names;
}
