import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BenchResults } from "./results.ts";
import { surroundingsOf, tablesOf, verdictList } from "./table.ts";

const BEGIN = "<!-- npm run bench:tokens writes from here -->";
const END = "<!-- to here -->";

const DOCUMENTS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Writes what was measured into the documents, between the marks. */
export async function renderDocuments(results: BenchResults): Promise<void> {
  const verdicts = `${surroundingsOf(results)}\n\n${verdictList(results.measured)}`;
  await replace("benchmarks.md", [verdicts, ...tablesOf(results.measured)].join("\n\n"));
  await replace("tokens.md", verdicts);
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
