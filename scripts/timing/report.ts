import { middle, type Pair, type Sample } from "./pairs.ts";

/** One line for each sample: how it lies, in milliseconds. */
export function sampleTable(samples: readonly Sample[]): string {
  const width = Math.max(...samples.map(({ name }) => name.length));
  const head = `${"".padEnd(width)}  median ms    p10    p90   mean`;
  return [head, ...samples.map(({ name, taken }) => lineOf(name.padEnd(width), taken))].join("\n");
}

function lineOf(name: string, taken: readonly number[]): string {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  const mean = taken.reduce((sum, value) => sum + value, 0) / taken.length;
  const [p10, p90, average] = [at(0.1), at(0.9), mean].map((value) => value.toFixed(2).padStart(5));
  return `${name}  ${middle(taken).toFixed(2).padStart(9)}  ${p10}  ${p90}  ${average}`;
}

/** A pair in a sentence. */
export function describePair({ one, other, probability }: Pair): string {
  return `p = ${probability.toPrecision(2)} between "${one}" and "${other}"`;
}
