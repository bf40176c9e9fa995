import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the checkout. */
export const ROOT = resolve(import.meta.dirname, "../../..");

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** The line of the page that the fence begins on. */
  readonly line: number;
  readonly language: string;
  /** What follows the language on the fence's first line. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Every page for people, by its path from the root. */
export function pageNames(): string[] {
  const markdown = (directory: string) =>
    readdirSync(join(ROOT, directory)).filter((name) => name.endsWith(".md"));
  return [...markdown("."), ...markdown("docs").map((name) => `docs/${name}`)];
}

/** The text of a page. */
export function readPage(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const fences = readPage(page).matchAll(/^```(\S+)[ \t]*(.*)\n([\s\S]*?)^```$/gm);
  return [...fences].map(({ 1: language = "", 2: words = "", 3: text = "", index, input }) => ({
    page,
    line: input.slice(0, index).split("\n").length,
    language,
    words: words.split(/\s+/).filter((word) => word !== ""),
    text,
  }));
}

/** A page without its fenced blocks. */
export function proseOf(page: string): string {
  return readPage(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
}

/** The rows of every table of a text, as cells; header and rule left out. */
export function tableRows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  const rows = lines.map((line) =>
    line
      .replace(/^\|/, "")
      .replace(/\|\s*$/, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
  return rows.filter((row, index) => !isRule(row) && !isRule(rows[index + 1]));
}

function isRule(row: readonly string[] | undefined): boolean {
  return row?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;
}

/** The part of a page under a heading, to the next heading of the same depth or above. */
export function sectionOf(page: string, heading: string): string {
  const text = readPage(page);
  const [, marks = ""] = /^(#+) /.exec(heading) ?? [];
  const start = text.split("\n").indexOf(heading);
  if (start < 0) throw new Error(`${page} has no heading "${heading}"`);
  const rest = text.split("\n").slice(start + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${marks.length}} `).test(line));
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}
