import type { Client } from "../../../postgres/client.ts";
import { tokenize } from "../../findings/functions/tokens.ts";
import { argumentList, findSources, type OtherRow, type Parameter } from "../queries/parameters.ts";
import { numberPlaceholders } from "../queries/placeholders.ts";
import type { TableValues } from "../queries/tables.ts";
import { execute, isStalePlan, isTimeout, isTriable, prepare } from "../queries/try-query.ts";
import type { RecordedQuery } from "../rehearsal.ts";

/** What a query did; `once`: fails once on a connection that had prepared it before, and works when prepared again. */
export interface QueryReport {
  readonly origin: string;
  /** Without the constants in it. */
  readonly sql: string;
  readonly calls: number | null;
  readonly outcome: "ok" | "failed" | "once" | "unknown";
  /** PostgreSQL's words, or why nothing is known; null where all is well. */
  readonly message: string | null;
}

/** A query that was tried before the change. */
export interface Tried {
  readonly query: RecordedQuery;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Why it cannot be judged; null where it worked. */
  readonly unknown: string | null;
}

/** Prepares a query on the connection that will be held, and runs it once. */
export async function prepareBefore(
  held: Client,
  values: TableValues,
  recorded: RecordedQuery,
  name: string,
): Promise<Tried> {
  const query = { ...recorded, sql: numberPlaceholders(recorded.sql) };
  const tried = (parameters: readonly Parameter[], unknown: string | null): Tried => ({
    ...{ query, name, parameters, unknown },
  });
  if (!isTriable(query.sql)) return tried([], "not a SELECT, INSERT, UPDATE, DELETE, WITH or MERGE");
  const types = await prepare(held, name, query.sql);
  if (types instanceof Error) return tried([], `before the change PostgreSQL says: ${types.message}`);
  const tables = types.length === 0 ? [] : await values.namedIn(tokenize(query.sql));
  const parameters = findSources(query.sql, types, tables);
  const error = await execute(held, name, argumentList(parameters));
  return tried(
    parameters,
    error === null ? null : `it fails before the change too, with the values at hand: ${error.message}`,
  );
}

/** Runs it again where it was prepared and anew, and says what it did. */
export async function judgeAfter(
  held: Client,
  fresh: Client,
  { query, name, parameters, unknown }: Tried,
  user: OtherRow | null,
): Promise<QueryReport> {
  const report = (outcome: QueryReport["outcome"], message: string | null): QueryReport => ({
    ...{ origin: query.origin, sql: withoutConstants(query.sql), calls: query.calls, outcome, message },
  });
  if (unknown !== null) return report("unknown", unknown);
  const anew = await runAnew(fresh, name, query.sql, [
    argumentList(parameters),
    argumentList(parameters, user),
  ]);
  if (anew !== null) return report(isTimeout(anew) ? "unknown" : "failed", anew.message);
  const again = await execute(held, name, argumentList(parameters));
  if (again === null) return report("ok", null);
  return report(isStalePlan(again) ? "once" : isTimeout(again) ? "unknown" : "failed", again.message);
}

/** With the values of a row that stood before, then with those of the password user. */
async function runAnew(
  fresh: Client,
  name: string,
  sql: string,
  values: readonly string[],
): Promise<Error | null> {
  const types = await prepare(fresh, name, sql);
  if (types instanceof Error) return types;
  for (const list of new Set(values)) {
    const error = await execute(fresh, name, list);
    if (error !== null) return error;
  }
  return null;
}

/** Constants may be anybody's; a report is read by others. */
function withoutConstants(sql: string): string {
  let result = "";
  let done = 0;
  for (const token of tokenize(sql)) {
    if (token.kind !== "string") continue;
    result += `${sql.slice(done, token.start)}'…'`;
    done = token.end;
  }
  return (result + sql.slice(done)).slice(0, 1_000);
}
