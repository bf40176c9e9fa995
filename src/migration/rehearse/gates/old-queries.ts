import type { Client } from "../../../postgres/client.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Relation } from "../../../users-table/relation.ts";
import { up } from "../../up.ts";
import { obviousQueries } from "../queries/obvious-queries.ts";
import { readRow } from "../queries/row-values.ts";
import { TableValues } from "../queries/tables.ts";
import type { RecordedQuery } from "../rehearsal.ts";
import { explain } from "./gate-record.ts";
import { count, failed, inWords, type Outcome, shorten } from "./outcome.ts";
import { insertPasswordUser } from "./password-user.ts";
import { judgeAfter, prepareBefore, type QueryReport, type Tried } from "./query-trial.ts";
import { factsOf, type Restored, type Room, runOptions } from "./room.ts";

/** More than this many recorded queries are not tried; the most frequent ones are. */
const MOST = 500;

/** Milliseconds for trying queries before the change; afterwards each takes about as long again. */
const TIME = 60_000;

/** Every query before the change and after it, on connections that were open across it and on new ones. */
export async function oldQueriesGate(
  room: Room,
  { url: restored, situation }: Restored,
  given: readonly RecordedQuery[],
): Promise<Outcome<true>> {
  const recorded = await room.source.queries();
  const queries = distinct([...given, ...byCalls(recorded ?? []), ...obviousQueries(situation.users)]);
  const url = await room.databases.copyOf(restored);
  const { users } = situation;
  const held = await openAsApplication(room, url, users);
  try {
    const tried = await tryBefore(room, url, users, held, queries);
    const { state, refusals } = await up(runOptions(room, url));
    if (state !== "applied") return failed(`up was refused. ${inWords(refusals)}`, { refusals });
    const user = await addPasswordUser(room, url);
    const reports: QueryReport[] = [];
    const fresh = await openAsApplication(room, url, users);
    for (const one of tried) reports.push(await judgeAfter(held, fresh, one, user.row));
    return summarise(reports, recorded === null, user.failure);
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
): Promise<Tried[]> {
  const until = performance.now() + TIME;
  const tried: Tried[] = [];
  const reader = await openAsApplication(room, url, users);
  const values = new TableValues(reader);
  for (const query of queries) {
    const name = `authgraft_${tried.length}`;
    tried.push(
      performance.now() < until ? await prepareBefore(held, values, query, name) : leftOut(query, name),
    );
  }
  await reader.end();
  return tried;
}

function leftOut(query: RecordedQuery, name: string): Tried {
  return { query, name, parameters: [], unknown: `not tried: the others took ${TIME / 1_000} s already` };
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

async function addPasswordUser(room: Room, url: string) {
  const situation = await factsOf(room, url);
  return room.databases.acting(url, async (client) => {
    try {
      const { id } = await insertPasswordUser(client, situation);
      const { users, mapping } = situation;
      const values = await readRow(client, users, { column: mapping.id, text: id });
      return { row: { oid: users.oid, values }, failure: null };
    } catch (error) {
      return { row: null, failure: explain(error) };
    }
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
  userFailure: string | null,
): Outcome<true> {
  const of = (outcome: QueryReport["outcome"]) => queries.filter((query) => query.outcome === outcome);
  const [ok, failing, once, unknown] = [of("ok"), of("failed"), of("once"), of("unknown")];
  const told = (list: readonly QueryReport[]) =>
    shorten(list.map(({ origin, sql, message }) => `${origin}: ${message} [${sql.slice(0, 120)}]`));
  const parts = [
    `${count(queries.length, "query", "queries")} tried: ${ok.length} as before`,
    ...(failing.length === 0 ? [] : [`${failing.length} failed after the change: ${told(failing)}`]),
    ...(once.length === 0
      ? []
      : [
          `${once.length} ${once.length === 1 ? "fails" : "fail"} once on connections that were open across the change (recycle them after up): ${told(once)}`,
        ]),
    ...(unknown.length === 0 ? [] : [`${unknown.length} unknown: ${told(unknown)}`]),
    ...(noStatistics ? ["the source has no pg_stat_statements, so only given and generated ones"] : []),
    ...(userFailure === null ? [] : [`no user with a password could be made (${userFailure})`]),
  ];
  return {
    passed: failing.length === 0,
    detail: `${parts.join("; ")}.`,
    evidence: { ok: ok.length, failed: failing.length, once: once.length, unknown: unknown.length, queries },
    value: failing.length === 0 ? true : null,
  };
}
