import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { drawLatency } from "./picture.ts";
import type { BenchResults } from "./results.ts";
import { surroundingsOf, tablesOf, verdictList } from "./table.ts";

const BEGIN = "<!-- npm run bench:online writes from here -->";
const END = "<!-- to here -->";

const DOCUMENTS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Writes the measured tables and the picture into the documents, between the marks. */
export async function renderDocuments(results: BenchResults): Promise<void> {
  const picture = drawLatency(results);
  if (picture !== null) await writeFile(`${DOCUMENTS}images/online.svg`, picture);
  const shown =
    picture === null ? "" : "![Latency over time: the plain transaction and up](images/online.svg)\n\n";
  await replace("online.md", `${shown}${surroundingsOf(results)}\n\n${tablesOf(results)}`);
  await replace("benchmarks.md", `${surroundingsOf(results)}\n\n${verdictList(results)}`);
}

async function replace(name: string, text: string): Promise<void> {
  const path = `${DOCUMENTS}${name}`;
  const page = await readFile(path, "utf8");
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/${name} has no marks to write between.`);
  await writeFile(path, `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`);
}
