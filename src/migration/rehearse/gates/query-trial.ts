import type { Client } from "../../../postgres/client.ts";
import { tokenize } from "../../../postgres/sql-tokens.ts";
import { argumentList, findSources, type OtherRow, type Parameter } from "../queries/parameters.ts";
import { numberPlaceholders } from "../queries/placeholders.ts";
import type { TableValues } from "../queries/tables.ts";
import { execute, isAboutValues, isStalePlan, isTimeout, isTriable, prepare } from "../queries/try-query.ts";
import type { RecordedQuery } from "../rehearsal.ts";
import { saidBy, shownQuery } from "./said.ts";

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

/** A query as it went before the change. */
export interface Tried {
  readonly query: RecordedQuery;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Whether PostgreSQL took it as a statement: then it must do so afterwards, whatever the values at hand were worth. */
  readonly parsed: boolean;
  /** Why nothing more can be told of it; null where it worked. */
  readonly unknown: string | null;
  /** Whether the values it takes are guesses, because a table that they would come from has no row. */
  readonly guessed: boolean;
}

/** Milliseconds. */
export interface TrialTimes {
  /** For running queries before the change; afterwards each takes about as long again. */
  readonly all: number;
  /** After which one is given up before the change, and after it: so much slower that it counts as failing. */
  readonly before: number;
  readonly after: number;
}

/** What the queries run on: the connection that was open across the change, and one that was not. */
export interface TrialConnections {
  readonly held: Client;
  readonly fresh: Client;
}

/** Prepares a query on the connection that will be held, and runs it once unless it is told why not. */
export async function prepareBefore(
  held: Client,
  values: TableValues,
  recorded: RecordedQuery,
  name: string,
  how: { readonly timeout: number; readonly skip: string | null },
): Promise<Tried> {
  const query = { ...recorded, sql: numberPlaceholders(recorded.sql) };
  const nothing = { query, name, parameters: [], parsed: false, guessed: false };
  if (!isTriable(query.sql))
    return { ...nothing, unknown: "not a SELECT, INSERT, UPDATE, DELETE, WITH or MERGE" };
  const types = await prepare(held, name, query.sql);
  if (types instanceof Error)
    return { ...nothing, unknown: `before the change PostgreSQL says: ${saidBy(types, query.sql)}` };
  if (how.skip !== null) return { ...nothing, parsed: true, unknown: how.skip };
  const tables = types.length === 0 ? [] : await values.namedIn(tokenize(query.sql));
  const parameters = findSources(query.sql, types, tables);
  const error = await execute(held, name, argumentList(parameters), how.timeout);
  const guessed = parameters.some(({ source }) => source?.table.values.standing.size === 0);
  const unknown =
    error === null
      ? null
      : `it fails before the change too, with the values at hand: ${saidBy(error, query.sql)}`;
  return { query, name, parameters, parsed: true, unknown, guessed };
}

/** Runs it again where it was prepared and anew, and says what it did. */
export async function judgeAfter(
  { held, fresh }: TrialConnections,
  { query, name, parameters, parsed, unknown, guessed }: Tried,
  user: OtherRow | null,
  timeout: number,
): Promise<QueryReport> {
  const { origin, calls, sql } = query;
  const report = (outcome: QueryReport["outcome"], message: string | null): QueryReport => ({
    ...{ origin, sql: shownQuery(sql), calls, outcome, message },
  });
  const against = (error: Error) =>
    guessed && isAboutValues(error)
      ? report("unknown", `there is no row to take values from, and with made-up ones: ${saidBy(error, sql)}`)
      : report("failed", isTimeout(error) ? tooSlow(timeout) : saidBy(error, sql));
  const types = parsed ? await prepare(fresh, name, sql) : [];
  if (types instanceof Error) return against(types);
  if (unknown !== null) return report("unknown", unknown);
  const values = [argumentList(parameters), argumentList(parameters, user)];
  const anew = await runAll(fresh, name, values, timeout);
  if (anew !== null) return against(anew);
  const again = await execute(held, name, argumentList(parameters), timeout);
  if (again === null) return report("ok", null);
  return isStalePlan(again) ? report("once", saidBy(again)) : against(again);
}

function tooSlow(timeout: number): string {
  return `it does not end within ${timeout / 1_000} s, and before the change it did in less`;
}

/** With the values of a row that stood before, then with those of the password user. */
async function runAll(
  client: Client,
  name: string,
  values: readonly string[],
  timeout: number,
): Promise<Error | null> {
  for (const list of new Set(values)) {
    const error = await execute(client, name, list, timeout);
    if (error !== null) return error;
  }
  return null;
}
