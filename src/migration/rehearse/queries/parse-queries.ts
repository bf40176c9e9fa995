import { type Token, tokenize } from "../../findings/functions/tokens.ts";
import type { RecordedQuery } from "../rehearsal.ts";
import { numberPlaceholders } from "./placeholders.ts";

/**
 * Reads the statements of a file: separated by semicolons, comments left out, with `$1`, `?` or `:name` where values
 * go. Whether each is one that can be tried is seen later.
 *
 * @param file the name to tell where each stands: `queries.sql:12`.
 */
export function parseQueries(text: string, file: string): RecordedQuery[] {
  return splitStatements(text).map(({ sql, line }) => ({
    sql: numberPlaceholders(sql),
    origin: `${file}:${line}`,
    calls: null,
  }));
}

/** The statements of a text, each from its first word to its last, and the line on which it begins. */
export function splitStatements(text: string): { readonly sql: string; readonly line: number }[] {
  const statements: { sql: string; line: number }[] = [];
  let open: Token[] = [];
  const close = () => {
    const [first, last] = [open[0], open.at(-1)];
    if (first !== undefined && last !== undefined) {
      const line = text.slice(0, first.start).split("\n").length;
      statements.push({ sql: text.slice(first.start, last.end), line });
    }
    open = [];
  };
  for (const token of tokenize(text)) {
    if (token.kind === "sign" && token.text === ";") close();
    else open.push(token);
  }
  close();
  return statements;
}
