import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { RecordedQuery } from "../../migration/rehearse/rehearsal.ts";
import { type Token, tokenize } from "../../postgres/sql-tokens.ts";
import { wrongUsage } from "./usage.ts";

/** A file of queries is written by a person or a script: this is a mistake, not a file of queries. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads the application's queries from a file of SQL: statements with a semicolon between them, parameters as
 * `$1` or written out.
 *
 * @throws ConfigurationError `usage_invalid` where it cannot be read, or holds no statement.
 */
export async function readQueriesFile(path: string): Promise<RecordedQuery[]> {
  const text = await readFile(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(`--queries: ${path} cannot be read: ${reason}.`, "Check the path.", cause);
  });
  if (text.length > MOST_BYTES || text.includes(0)) {
    throw wrongUsage(
      `--queries: ${path} is no file of SQL.`,
      "Give it statements with a semicolon between them.",
    );
  }
  const queries = splitQueries(text.toString("utf8"), basename(path));
  if (queries.length > 0) return queries;
  throw wrongUsage(
    `--queries: there is no statement in ${path}.`,
    "Give it statements with a semicolon between them.",
  );
}

/** The statements of a text, each with the line it begins on. */
export function splitQueries(text: string, name: string): RecordedQuery[] {
  const statements: Token[][] = [[]];
  for (const token of tokenize(text)) {
    if (token.kind === "sign" && token.text === ";") statements.push([]);
    else statements.at(-1)?.push(token);
  }
  let [line, position] = [1, 0];
  return statements.flatMap((tokens) => {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first === undefined || last === undefined) return [];
    line += text.slice(position, first.start).split("\n").length - 1;
    position = first.start;
    return [{ sql: text.slice(first.start, last.end), origin: `${name}:${line}`, calls: null }];
  });
}
