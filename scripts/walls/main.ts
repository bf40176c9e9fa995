import { resolve } from "node:path";
import { checkWalls, type Walls } from "./check.ts";

function report({ files, violations }: Walls): void {
  for (const { file, rule, detail } of violations) console.error(`${file}  [${rule}] ${detail}`);
  console.log(`Import walls: ${files} files read, ${violations.length} violations.`);
  if (violations.length > 0) process.exitCode = 1;
}

try {
  report(await checkWalls(resolve(import.meta.dirname, "../..")));
} catch (error) {
  // A file that does not parse: the message says which and where.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
