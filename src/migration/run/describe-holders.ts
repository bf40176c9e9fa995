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
  if (holder.autovacuum) return `an autovacuum (pid ${pid}${sinceWords(age)}), which is made to give way`;
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

/** What it does, in one short line: texts in quotes, which may be anybody's email or worse, are left out. */
function statementOf({ query }: Holder): string {
  if (query === null || query.trim() === "" || query.startsWith("<")) return "";
  const line = withoutLiterals(query).replaceAll(/\s+/g, " ").trim();
  return `: ${line.length > STATEMENT_LENGTH ? `${line.slice(0, STATEMENT_LENGTH - 1)}…` : line}`;
}

/** A literal that the server cut off in the middle has no end: it is left out as well. */
function withoutLiterals(query: string): string {
  return query.replaceAll(/\$(\w*)\$[\s\S]*?(\$\1\$|$)|'(?:[^'\\]|''|\\[\s\S])*('|$)/g, "'…'");
}
