import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { hasCode } from "../../embedded/platform.ts";
import type { Rehearsal } from "../../migration/rehearse/rehearsal.ts";
import { PAGE_BEGINNING } from "../print/rehearsal-page.ts";
import { wrongUsage } from "./usage.ts";

/** A file that a rehearsal is asked to write. */
export interface Target {
  readonly option: "--report" | "--html";
  readonly path: string;
}

/**
 * Finds out before the work begins that a file could not be written in the end, and that nothing would be lost by
 * it: what stands there is of an earlier rehearsal, or nothing.
 *
 * @throws ConfigurationError `usage_invalid`.
 */
export async function assertWritable({ option, path }: Target): Promise<void> {
  const directory = dirname(resolve(path));
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw wrongUsage(`${option}: ${path} is a directory.`, "Name a file in it.");
  if (found !== undefined && !(await isOurs(option, path))) {
    throw wrongUsage(
      `${option}: ${path} is there already and was not written by a rehearsal.`,
      "Name another file, or remove this one.",
    );
  }
  await access(directory, constants.W_OK).catch((cause: unknown) => {
    const reason = hasCode(cause, "ENOENT") ? "there is no such directory" : "it cannot be written to";
    throw wrongUsage(
      `${option}: nothing can be put in ${directory}: ${reason}.`,
      "Name another file.",
      cause,
    );
  });
}

async function isOurs(option: Target["option"], path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (option === "--html") return text.startsWith(PAGE_BEGINNING);
  try {
    const report: unknown = JSON.parse(text);
    return typeof report === "object" && report !== null && "decision" in report && "gates" in report;
  } catch {
    return false;
  }
}

/** The report as `--json` prints it and `--report` writes it. */
export function reportText(rehearsal: Rehearsal): string {
  return `${JSON.stringify(rehearsal, null, 2)}\n`;
}

/** Writes a file that is whole or not there: another one first, which then takes its name. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString("hex")}.unfinished`;
  const file = await open(unfinished, "wx", 0o644);
  try {
    await file.writeFile(text).finally(() => file.close());
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
