import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** What package.json exports, by the name it is imported by: the path of the source that each is built from. */
export function exportedSources(): Map<string, string> {
  const text = readFileSync(new URL("package.json", ROOT), "utf8");
  const { exports }: { exports: Record<string, string | { default: string }> } = JSON.parse(text);
  const sources = new Map<string, string>();
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const source = target.default.replace("./dist/", "./src/").replace(/\.js$/, ".ts");
    sources.set(path.replace(/^\./, "authgraft"), fileURLToPath(new URL(source, ROOT)));
  }
  return sources;
}
