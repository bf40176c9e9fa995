import { existsSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { findLapses } from "./habits.ts";
import { IMPORT_RULES } from "./import-rules.ts";
import { ROOMS } from "./rooms.ts";

export interface Violation {
  readonly file: string;
  readonly rule: string;
  readonly detail: string;
}

export interface Walls {
  /** How many files were read. */
  readonly files: number;
  readonly violations: readonly Violation[];
}

async function sourceFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob("{src,web}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}", {
    cwd: root,
    exclude: (name) => name.split(/[\\/]/).some((part) => part === "node_modules" || part === "dist"),
  })) {
    files.push(file.replaceAll("\\", "/"));
  }
  return files.sort();
}

async function readImports(root: string): Promise<ICruiseResult> {
  const folders = ["src", "web"].filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      parser: "swc",
      tsPreCompilationDeps: true,
      moduleSystems: ["es6", "cjs"],
      doNotFollow: { path: "node_modules" },
      validate: true,
      ruleSet: IMPORT_RULES,
    },
    { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  );
  if (typeof output === "string") throw new Error("dependency-cruiser gave a text where its result was due");
  return output;
}

function importViolations(result: ICruiseResult): Violation[] {
  return result.summary.violations.map(({ from, to, rule }) => {
    const reason = IMPORT_RULES.forbidden.find(({ name }) => name === rule.name)?.comment ?? "";
    return { file: from, rule: rule.name, detail: `imports ${to}; ${reason}` };
  });
}

/** The files dependency-cruiser passed over, as violations: a check that reads nothing finds nothing. */
export function unread(files: readonly string[], read: ReadonlySet<string>): Violation[] {
  if (files.length === 0) return [{ file: "src", rule: "unread", detail: "there is not one source file" }];
  const passedOver = files.filter((file) => !read.has(file));
  return passedOver.map((file) => ({ file, rule: "unread", detail: "dependency-cruiser passed it over" }));
}

function homeless(files: readonly string[]): Violation[] {
  const rooms = Object.values(ROOMS).map((room) => new RegExp(room.path));
  const outside = files.filter((file) => !rooms.some((room) => room.test(file)));
  return outside.map((file) => ({ file, rule: "no-room", detail: "belongs to no room of the table" }));
}

/** Holds the files under `root`'s src and web against the walls: who may import whom, and what only entries do. */
export async function checkWalls(root: string): Promise<Walls> {
  const files = await sourceFiles(root);
  const result = await readImports(root);
  const read = new Set(result.modules.map((module) => module.source));
  const violations = [...unread(files, read), ...homeless(files), ...importViolations(result)];
  for (const file of files) {
    const lapses = await findLapses(file, await readFile(join(root, file), "utf8"));
    violations.push(...lapses.map((lapse) => ({ file, ...lapse })));
  }
  return { files: files.length, violations };
}
