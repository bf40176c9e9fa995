import type { Holder } from "./holders.ts";
import { isWraparound } from "./in-the-way.ts";

/** The most that are told by name, and the most of a statement that is shown. */
const MOST = 3;
const STATEMENT_LENGTH = 60;

/** Holders in words: `pid 4711 (report, psql, idle in transaction for 12 s): SELECT count(*) FROM users`. */
export function describeHolders(holders: readonly Holder[]): string {
  if (holders.length === 0) return "many short transactions";
  const told = holders.slice(0, MOST).map(describeHolder);
  const more = holders.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

function describeHolder(holder: Holder): string {
  const { pid, user, state, age, prepared } = holder;
  if (prepared !== null) {
    return `the prepared transaction '${prepared}' of ${user}${sinceWords(age)}; COMMIT or ROLLBACK PREPARED ends it`;
  }
  if (isWraparound(holder)) {
    return `an autovacuum to prevent wraparound (pid ${pid}${sinceWords(age)}), which gives way to nobody`;
  }
  if (holder.autovacuum)
    return `an autovacuum (pid ${pid}${sinceWords(age)}), which is made to give way${isHidden(holder) ? " unless it prevents wraparound" : ""}`;
  const details = [user, holder.application, state === null ? null : `${state}${sinceWords(age)}`];
  const known = details.filter((part) => part !== null).join(", ");
  return `${whatItIs(holder)}pid ${pid}${known === "" ? "" : ` (${known})`}${statementOf(holder)}`;
}

function whatItIs({ application }: Holder): string {
  return application?.startsWith("pg_dump") ? "a dump, " : "";
}

function sinceWords(age: number | null): string {
  return age === null ? "" : ` for ${age.toFixed(age < 10 ? 1 : 0)} s`;
}

/** Another role's statement is shown to those who may read all statistics only. */
function isHidden({ query }: Holder): boolean {
  return query === null || query.startsWith("<");
}

/** What it does, in one short line: texts and numbers, which may be anybody's email or worse, are left out. */
function statementOf(holder: Holder): string {
  if (isHidden(holder) || holder.query === null) return "";
  const line = withoutLiterals(holder.query)
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
  if (line === "") return "";
  return `: ${line.length > STATEMENT_LENGTH ? `${line.slice(0, STATEMENT_LENGTH - 1)}…` : line}`;
}

/** In this order: comments, names in quotes, dollar quotes, texts, and numbers that stand alone. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|("(?:[^"]|"")*(?:"|$))|\$(\w*)\$[\s\S]*?(?:\$\2\$|$)|'(?:[^']|'')*(?:'|$)|(?<![\w$."])\d[\d.]*/g;

/**
 * Whether a backslash ends a text or escapes what ends it depends on a setting of that session: where there is
 * one, only the first word is told. A text that the server cut off in the middle has no end, and goes as well.
 */
function withoutLiterals(query: string): string {
  if (query.includes("\\")) return /^\s*\w*/.exec(query)?.[0] ?? "";
  return query.replaceAll(TOKENS, (token: string, name: string | undefined) => {
    if (name !== undefined) return name;
    return /^(--|\/\*)/.test(token) ? " " : /^\d/.test(token) ? "…" : "'…'";
  });
}
