import { resolve } from "node:path";
import { checkWalls } from "./check.ts";

const { files, violations } = await checkWalls(resolve(import.meta.dirname, "../.."));
for (const { file, rule, detail } of violations) console.error(`${file}  [${rule}] ${detail}`);
console.log(`Import walls: ${files} files read, ${violations.length} violations.`);
if (violations.length > 0) process.exitCode = 1;
