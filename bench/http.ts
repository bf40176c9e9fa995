/**
 * What a server does over HTTP on a machine that it shares with its PostgreSQL and with who asks: renewals and changed
 * profiles a second, beside better-auth, and how it comes back when PostgreSQL was restarted under 100 requests a second.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { measureAll } from "./http/measure-all.ts";
import { isWhole, readOptions } from "./http/options.ts";
import { renderDocument } from "./http/render-document.ts";
import type { HttpBenchResults } from "./http/results.ts";
import { printResults } from "./http/table.ts";

const options = readOptions(process.argv.slice(2));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());

async function measure(): Promise<HttpBenchResults> {
  const results = await measureAll(options, stop.signal, (line) => console.error(line));
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify(results, null, 1)}\n`);
  return results;
}

async function readEarlier(): Promise<HttpBenchResults> {
  return JSON.parse(await readFile(options.out, "utf8"));
}

try {
  const results = options.render ? await readEarlier() : await measure();
  console.log(printResults(results));
  if (isWhole(results.options)) await renderDocument(results);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error("Stopped; nothing was left behind.");
  process.exitCode = 130;
}
