/** Checks a JSON file of vectors against the registry of formats: `npm run -s vectors -- FILE.json`. */
import { readFileSync } from "node:fs";
import { checkVectors, tell } from "./check.ts";
import { parseVectors, VectorFileError } from "./rows.ts";

/** The exit code: 0 when all passed, 1 when one failed, 2 when it is no file of vectors. */
function run(files: readonly string[]): number {
  const [file] = files;
  if (file === undefined || files.length > 1) return complain("Usage: npm run -s vectors -- FILE.json");
  const text = readIfThere(file);
  if (text === null) return complain(`${file}: there is no such file, or it cannot be read.`);
  try {
    const verdicts = checkVectors(parseVectors(text));
    for (const line of tell(verdicts)) console.log(line);
    return verdicts.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (error instanceof VectorFileError) return complain(`${file}:\n${error.message}`);
    throw error;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function complain(message: string): number {
  console.error(message);
  return 2;
}

process.exitCode = run(process.argv.slice(2));
