import { tokenize } from "./sql-tokens.ts";

/** A quoted name that no name looks like is most often a text in the wrong quotes. */
const LIKE_A_NAME = /^[\w $.-]+$/u;

/** A word as a hash is one that has lost its quotes: `b$10$…` of bcrypt, `pbkdf2_sha256$600000$…`. */
const LIKE_A_HASH = /\$.*\$/;

/**
 * SQL as somebody else may read it: no constants, no comments, nothing behind a quote that is never closed. Where a
 * backslash stands before a quote, the kind of the text says whether it ends there, and two readers may differ:
 * what comes from there on is left out too. So is what comes from a hash without quotes on, and behind the
 * `COPY … FROM stdin` of a dump, where rows stand.
 */
export function withoutConstants(sql: string): string {
  let result = "";
  let done = 0;
  let before = "";
  for (const { kind, text, start, end } of tokenize(sql)) {
    if (before === "from stdin") return `${result}…`;
    if (start > done && result !== "") result += " ";
    done = end;
    before = kind === "word" && before === "from" && text === "stdin" ? "from stdin" : text;
    if (kind === "sign" && `'"$`.includes(text)) return `${result}…`;
    if (kind === "word" && LIKE_A_HASH.test(text)) return `${result}…`;
    if (kind === "string" && sql.slice(start, end).includes("\\'")) return `${result}…`;
    result += kind === "string" ? "'…'" : isConstant(kind, text) ? "…" : sql.slice(start, end);
  }
  return result;
}

/** Whether a token that is no string is a value. */
export function isConstant(kind: string, text: string): boolean {
  return kind === "number" ? !text.startsWith("$") : kind === "quoted" && !LIKE_A_NAME.test(text);
}
