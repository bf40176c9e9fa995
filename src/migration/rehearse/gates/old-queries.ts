import type { Client } from "../../../postgres/client.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Relation } from "../../../users-table/relation.ts";
import { up } from "../../up.ts";
import { obviousQueries } from "../queries/obvious-queries.ts";
import type { OtherRow } from "../queries/parameters.ts";
import { readRow } from "../queries/row-values.ts";
import { TableValues } from "../queries/tables.ts";
import type { RecordedQuery } from "../rehearsal.ts";
import { count, failed, inWords, type Outcome, shorten } from "./outcome.ts";
import { makePasswordUser } from "./password-user.ts";
import { judgeAfter, prepareBefore, type QueryReport, type TrialTimes, type Tried } from "./query-trial.ts";
import { factsOf, type Restored, type Room, runOptions } from "./room.ts";

/** More than this many recorded queries are not tried; the most frequent ones are. */
const MOST = 500;

/** A query that ends in time before the change has twice that time afterwards. */
const TIMES: TrialTimes = { all: 60_000, before: 15_000, after: 30_000 };

/** Every query before the change and after it, on connections that were open across it and on new ones. */
export async function oldQueriesGate(
  room: Room,
  { url: restored, situation }: Restored,
  given: readonly RecordedQuery[],
  times = TIMES,
): Promise<Outcome<true>> {
  const recorded = await room.source.queries();
  const queries = distinct([...obviousQueries(situation.users), ...given, ...byCalls(recorded ?? [])]);
  const url = await room.databases.copyOf(restored);
  const { users } = situation;
  const held = await openAsApplication(room, url, users);
  try {
    const tried = await tryBefore(room, url, users, held, queries, times);
    const { state, refusals } = await up(runOptions(room, url));
    if (state !== "applied") return failed(`up was refused. ${inWords(refusals)}`, { refusals });
    const user = await addPasswordUser(room, url);
    const reports: QueryReport[] = [];
    const on = { held, fresh: await openAsApplication(room, url, users) };
    for (const one of tried) reports.push(await judgeAfter(on, one, user.row, times.after));
    return summarise(reports, recorded === null, user.missing);
  } finally {
    await held.end();
    await room.databases.drop(url);
  }
}

async function tryBefore(
  room: Room,
  url: string,
  users: Relation,
  held: Client,
  queries: readonly RecordedQuery[],
  times: TrialTimes,
): Promise<Tried[]> {
  const until = performance.now() + times.all;
  const tried: Tried[] = [];
  const reader = await openAsApplication(room, url, users);
  const values = new TableValues(reader);
  for (const query of queries) {
    const skip = performance.now() < until ? null : `not run: the others took ${times.all / 1_000} s already`;
    const how = { timeout: times.before, skip };
    tried.push(await prepareBefore(held, values, query, `authgraft_${tried.length}`, how));
  }
  await reader.end();
  return tried;
}

/** The settings of an application; where they do not lead to the users table by its bare name, its schema comes first. */
async function openAsApplication(room: Room, url: string, users: Relation): Promise<Client> {
  const client = await room.databases.connectToAct(url);
  const { rows } = await client.query<{ oid: string | null }>(
    "SELECT pg_catalog.to_regclass($1)::oid::text AS oid",
    [quoteIdentifier(users.name)],
  );
  if (rows[0]?.oid == null) await client.query(`SET search_path = ${quoteIdentifier(users.schema)}, public`);
  return client;
}

/** The row of a user with a password, or what is missing without one. */
interface AddedUser {
  readonly row: OtherRow | null;
  readonly missing: { readonly why: string; readonly kept: boolean } | null;
}

async function addPasswordUser(room: Room, url: string): Promise<AddedUser> {
  const situation = await factsOf(room, url);
  return room.databases.acting(url, async (client) => {
    const made = await makePasswordUser(client, situation);
    if (made.user === null) return { row: null, missing: made };
    const { users, mapping } = situation;
    const values = await readRow(client, users, { column: mapping.id, text: made.user.id });
    return { row: { oid: users.oid, values }, missing: null };
  });
}

function byCalls(queries: readonly RecordedQuery[]): RecordedQuery[] {
  return [...queries].sort((a, b) => (b.calls ?? 0) - (a.calls ?? 0)).slice(0, MOST);
}

function distinct(queries: readonly RecordedQuery[]): RecordedQuery[] {
  return [...new Map([...queries].reverse().map((query) => [query.sql, query])).values()].reverse();
}

function summarise(
  queries: readonly QueryReport[],
  noStatistics: boolean,
  noUser: AddedUser["missing"],
): Outcome<true> {
  const of = (outcome: QueryReport["outcome"]) => queries.filter((query) => query.outcome === outcome);
  const [ok, failing, once, unknown] = [of("ok"), of("failed"), of("once"), of("unknown")];
  const told = (list: readonly QueryReport[]) =>
    shorten(list.map(({ origin, sql, message }) => `${origin}: ${message} [${sql.slice(0, 120)}]`));
  const parts = [
    `${count(queries.length, "query", "queries")} tried: ${ok.length} as before`,
    ...(noUser === null ? [] : [withoutUser(noUser)]),
    ...(failing.length === 0 ? [] : [`${failing.length} failed after the change: ${told(failing)}`]),
    ...(once.length === 0
      ? []
      : [
          `${once.length} ${once.length === 1 ? "fails" : "fail"} once on connections that were open across the change (recycle them after up): ${told(once)}`,
        ]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} unknown: ${told(unknown)}`]),
    ...(noStatistics ? ["the source has no pg_stat_statements, so only given and generated ones"] : []),
  ];
  const passed = failing.length === 0 && noUser?.kept !== false;
  return {
    passed,
    detail: `${parts.join("; ")}.`,
    evidence: { ok: ok.length, failed: failing.length, once: once.length, unknown: unknown.length, queries },
    value: passed ? true : null,
  };
}

/** A table that takes none from anybody is told; that Authgraft could not make one is a failure. */
function withoutUser({ why, kept }: NonNullable<AddedUser["missing"]>): string {
  return kept
    ? `not with a user who has a password, whom the table does not take (${why})`
    : `no user with a password could be made (${why})`;
}
