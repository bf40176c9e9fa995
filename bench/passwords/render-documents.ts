import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BenchResults } from "./results.ts";
import { checkTable, surroundingsOf, throughputTable, verdictList } from "./table.ts";

const BEGIN = "<!-- npm run bench:passwords writes from here -->";
const END = "<!-- to here -->";

const DOCUMENTS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Writes the measured tables into the documents, between the marks. */
export async function renderDocuments(results: BenchResults): Promise<void> {
  const tables = [
    surroundingsOf(results),
    verdictList(results),
    throughputTable(results),
    checkTable(results),
  ];
  await replace("benchmarks.md", tables.join("\n\n"));
  await replace("passwords.md", `${surroundingsOf(results)}\n\n${checkTable(results)}`);
}

/** A page without the marks has no place for it. */
async function replace(name: string, text: string): Promise<void> {
  const path = `${DOCUMENTS}${name}`;
  const page = await readFile(path, "utf8").catch(() => "");
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) return;
  await writeFile(path, `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`);
}
