import { tokenize } from "../../../postgres/sql-tokens.ts";
import { isConstant, withoutConstants } from "../../../postgres/without-constants.ts";

/** What of a PostgreSQL error is looked at. */
interface Said {
  readonly message: string;
  /** The SQLSTATE. */
  readonly code?: string | undefined;
  readonly where?: string | undefined;
  readonly routine?: string | undefined;
}

/** A constant this short may stand in any word of a message. */
const SHORT = 2;

/** Characters of a query that a report shows at most. */
const LONGEST_QUERY = 1_000;

/**
 * What PostgreSQL said, fit for a report that others read: without its detail, which quotes whole rows, without the
 * values that it quotes, and without the constants of the query. An exception that a function raises is named by
 * the function alone: its words are the application's, and may be about somebody.
 *
 * @see https://www.postgresql.org/docs/current/error-message-reporting.html
 */
export function saidBy(error: Said, sql = ""): string {
  const { code = "", message } = error;
  if (code.startsWith("P0") || error.routine === "exec_stmt_raise") return raised(error);
  if (code.startsWith("22")) return message.replace(/".*"/s, '"…"');
  // What it stands near may be the inside of a text whose quotes are wrong.
  if (code === "42601") return message.replace(/ at or near ".*"$/s, "");
  return withoutTexts(message, sql);
}

function raised({ code, where }: Said): string {
  const line = where?.match(/^PL\/pgSQL function (.+?) line \d+/m)?.[1];
  const who = line ?? "a function of the application's";
  return `${who} raised an exception (${code ?? "P0001"})`;
}

function withoutTexts(message: string, sql: string): string {
  return tokenize(sql)
    .filter(({ kind, text }) => (kind === "string" || isConstant(kind, text)) && text.length > SHORT)
    .reduce((words, { text }) => words.replaceAll(text, "…"), message);
}

/** A query as a report may show it. */
export function shownQuery(sql: string): string {
  return withoutConstants(sql).slice(0, LONGEST_QUERY);
}
