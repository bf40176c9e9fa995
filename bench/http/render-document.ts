import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { HttpBenchResults } from "./results.ts";
import { printResults } from "./table.ts";

const BEGIN = "<!-- npm run bench:http writes from here -->";
const END = "<!-- to here -->";

const PAGE = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));

/** Writes what was measured into the page, between the marks. */
export async function renderDocument(results: HttpBenchResults): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error("docs/benchmarks.md has no place for it.");
  await writeFile(PAGE, `${page.slice(0, from)}${BEGIN}\n\n${printResults(results)}\n\n${page.slice(to)}`);
}
