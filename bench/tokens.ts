/**
 * What access tokens that can be revoked cost: verifying them beside others who do or do not look what is revoked, how
 * soon a logout counts everywhere, whether any is missed, what the set of revoked tokens takes, and what happens
 * while PostgreSQL is gone. Writes what it measured as JSON, and into the documents where the run was long enough.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { joinResults } from "./tokens/join-results.ts";
import { measureAll } from "./tokens/measure-all.ts";
import { isWhole, readOptions } from "./tokens/options.ts";
import { renderDocuments } from "./tokens/render-documents.ts";
import type { BenchResults } from "./tokens/results.ts";
import { printResults } from "./tokens/table.ts";

const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

async function measure(): Promise<BenchResults> {
  const now = await measureAll(options, stop.signal, (line) => console.error(line));
  const results = joinResults(await readEarlier(), now);
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results, null, 1)}\n`);
  return results;
}

async function readEarlier(): Promise<BenchResults | null> {
  const text = await readFile(options.out, "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text);
}

try {
  const results = options.render ? await readEarlier() : await measure();
  if (results === null) throw new Error(`There is nothing in ${options.out}.`);
  console.log(printResults(results));
  if (isWhole(results.options)) await renderDocuments(results);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error("Stopped; nothing was left behind.");
  process.exitCode = 130;
}
