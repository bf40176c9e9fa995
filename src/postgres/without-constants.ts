import { type Token, tokenize } from "./sql-tokens.ts";

/** A quoted name that no name looks like is most often a text in the wrong quotes. */
const LIKE_A_NAME = /^[\w $.-]+$/u;

/**
 * SQL as somebody else may read it: no constants, no comments, nothing behind a quote that is never closed. Where a
 * backslash stands before a quote, the kind of the text says whether it ends there, and two readers may differ:
 * what comes from there on is left out too. So is what comes behind a parameter without a blank, which is a bcrypt
 * hash that lost its quotes, and the rows behind a COPY of a dump, which no server reads as SQL.
 */
export function withoutConstants(sql: string): string {
  let result = "";
  let done = 0;
  let before: Token | undefined;
  for (const token of tokenize(sql)) {
    const { kind, text, start, end } = token;
    if (before !== undefined && isBeforeData(before, token)) return `${result}…`;
    before = token;
    if (start > done && result !== "") result += " ";
    done = end;
    if (kind === "number" && sql[end] === "$") return `${result}…`;
    if (kind === "sign" && `'"$`.includes(text)) return `${result}…`;
    if (kind === "string" && sql.slice(start, end).includes("\\'")) return `${result}…`;
    result += kind === "string" ? "'…'" : isConstant(kind, text) ? "…" : sql.slice(start, end);
  }
  return result;
}

/** Whether a token that is no string is a value. */
export function isConstant(kind: string, text: string): boolean {
  return kind === "number" ? !text.startsWith("$") : kind === "quoted" && !LIKE_A_NAME.test(text);
}
