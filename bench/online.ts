/**
 * What an application feels while its users table is changed: idle, the change as one plain transaction, `up`, `down` and
 * a bare concurrent index build, in turn, under several circumstances. Writes what it measured as JSON, and into the
 * documents where it was a whole run.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { measureAll } from "./online/measure-all.ts";
import { isWhole, readOptions } from "./online/options.ts";
import { renderDocuments } from "./online/render-documents.ts";
import type { BenchResults } from "./online/results.ts";
import { printResults } from "./online/table.ts";

const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

/** What was measured is kept profile by profile: an hour's figures do not go with one that fails. */
async function keep(results: BenchResults): Promise<void> {
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results)}\n`);
}

try {
  const results: BenchResults = options.render
    ? JSON.parse(await readFile(options.out, "utf8"))
    : await measureAll(options, stop.signal, (line) => console.error(line), keep);
  console.log(printResults(results));
  if (options.render || isWhole(options)) await renderDocuments(results);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error("Stopped; nothing was left behind.");
  process.exitCode = 130;
}
