import { cpus, totalmem } from "node:os";

/** Runs `work` as often as said and gives back how long each run took, in milliseconds. */
export async function measure(times: number, work: () => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  for (let run = 0; run < times; run++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return taken;
}

/** One line of a table: fastest, median, slowest, in whole milliseconds. */
export function line(name: string, taken: readonly number[]): string {
  const sorted = [...taken].sort((a, b) => a - b);
  const [fastest = 0, median = 0, slowest = 0] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map(
    (place) => sorted[place],
  );
  return `| ${name} | ${[fastest, median, slowest].map((value) => Math.round(value)).join(" | ")} |`;
}

/** What it was measured on. */
export function machine(postgres: string): string {
  const [first] = cpus();
  const computer = `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${computer}, Node.js ${process.versions.node}, PostgreSQL ${postgres}`;
}

/** The head of the table, and what it was measured on. */
export function head(postgres: string): string {
  return `${machine(postgres)}\n\n| | fastest ms | median ms | slowest ms |\n|---|---|---|---|`;
}
