import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseVectors, type Vector } from "../../../scripts/vectors/rows.ts";

const DIRECTORY = resolve(import.meta.dirname, "../vectors");

/** The files of vectors that scripts/vectors/make makes. */
export const VECTOR_FILES: readonly string[] = readdirSync(DIRECTORY).sort();

/** The vectors of a file. */
export function vectorsOf(file: string): Vector[] {
  return parseVectors(readFileSync(join(DIRECTORY, file), "utf8"));
}

/** Every vector of the repository's own. */
export const VECTORS: readonly Vector[] = VECTOR_FILES.flatMap(vectorsOf);
