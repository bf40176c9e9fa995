/**
 * What signing in costs and whom it disturbs: logins a second beside what the hashing alone can do, and how long a
 * signed-in request takes while many sign in, for Authgraft and for better-auth. Writes what it measured as JSON, and
 * into the documents where the run was long enough.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { measureAll } from "./passwords/measure-all.ts";
import { isLongEnough, readOptions } from "./passwords/options.ts";
import { renderDocuments } from "./passwords/render-documents.ts";
import type { BenchResults } from "./passwords/results.ts";
import { printResults } from "./passwords/table.ts";

const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

async function measure(): Promise<BenchResults> {
  const results = await measureAll(options, stop.signal, (line) => console.error(line));
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results, null, 1)}\n`);
  return results;
}

async function readEarlier(): Promise<BenchResults> {
  return JSON.parse(await readFile(options.out, "utf8"));
}

try {
  const results = options.render ? await readEarlier() : await measure();
  console.log(printResults(results));
  if (isLongEnough(results.options)) await renderDocuments(results);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error("Stopped; nothing was left behind.");
  process.exitCode = 130;
}
