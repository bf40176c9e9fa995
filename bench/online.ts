/**
 * What an application feels while its users table is changed: idle, the change as one plain transaction, `up`, `down` and
 * a bare concurrent index build, in turn, under several circumstances. Writes what it measured as JSON, and into the
 * documents where it was a whole run.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { joinResults } from "./online/join-results.ts";
import { measureAll } from "./online/measure-all.ts";
import { isWhole, readOptions } from "./online/options.ts";
import { renderDocuments } from "./online/render-documents.ts";
import type { BenchResults } from "./online/results.ts";
import { printResults } from "./online/table.ts";

const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

const earlier = await readEarlier();

/** What was measured is kept profile by profile: an hour's figures do not go with one that fails. */
async function keep(results: BenchResults): Promise<void> {
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(joinResults(earlier, results))}\n`);
}

async function readEarlier(): Promise<BenchResults | null> {
  const text = await readFile(options.out, "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text);
}

try {
  const measured = options.render
    ? null
    : await measureAll(options, stop.signal, (line) => console.error(line), keep);
  const results = measured === null ? earlier : joinResults(earlier, measured);
  if (results === null) throw new Error(`There are no results in ${options.out}.`);
  console.log(printResults(results));
  if (options.render || isWhole(results.options)) await renderDocuments(results);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error("Stopped; nothing was left behind.");
  process.exitCode = 130;
}
