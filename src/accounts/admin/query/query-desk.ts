import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditEvent } from "../../../audit/record.ts";
import { AuthgraftError, OverloadedError } from "../../../errors.ts";
import { connect } from "../../../postgres/connect.ts";
import { type RowLimits, runStatements, type StatementResult } from "../../../postgres/run-statements.ts";
import { describeCaller } from "../../caller.ts";
import { FieldsError } from "../../fields/field-error.ts";
import type { Acting } from "../acting.ts";
import { cancelling } from "./cancelling.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { explainQueryError, leftOpen, QueryFailedError } from "./query-failed.ts";
import { type HashPlace, readQueryRole } from "./role.ts";

/** What queries are run with. */
export interface QueryDeskOptions {
  /** Whose role decides what a query may do. */
  readonly databaseUrl: string;
  /** Whether rows are shown at all. */
  readonly showsRows: boolean;
  /** Where the password hashes are, which no rows may come from; null: nobody knows. */
  readonly hashes: HashPlace | null;
  /** Writes down what was run, before and after. */
  readonly record: (event: AuditEvent) => Promise<void>;
}

/** What a query came to. */
export interface QueryOutcome {
  readonly results: readonly StatementResult[];
  /** Whether rows are kept back because the role could read password hashes. */
  readonly keepsRowsBack: boolean;
}

/** Runs an operator's SQL. */
export interface QueryDesk {
  run(query: string, acting: Acting): Promise<QueryOutcome>;
  /** Cancels what runs. */
  stop(): Promise<void>;
}

/** Of a query's rows no more is shown. */
const ROW_LIMITS: RowLimits = { rows: 1_000, bytes: 1_048_576 };

/** Each has a connection of its own, and the database has not many. */
const MOST_AT_ONCE = 4;

/** Milliseconds that a query has in all, whatever it sets itself. */
const LONGEST = 10 * 60 * 1_000;

/** What a session begins with. How texts are read decides what the audit log leaves out as a constant. */
const SETTINGS =
  "SET statement_timeout TO '60s'; SET standard_conforming_strings TO on; SET client_connection_check_interval TO '1s'";

/**
 * Makes `run`, which runs one or more statements in one transaction, unless they say otherwise, on a connection of
 * their own, and cancels them when the caller goes. It throws AuthgraftError `query_refused` where the role is as good
 * as a superuser; QueryFailedError; FieldsError; OverloadedError; DatabaseError.
 */
export function createQueryDesk(options: QueryDeskOptions): QueryDesk {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    async run(query, acting) {
      assertText(query);
      if (running.size >= MOST_AT_ONCE) throw new OverloadedError(1);
      const signals = [stopping.signal, AbortSignal.timeout(LONGEST), acting.caller.signal ?? []].flat();
      const work = runRecorded(options, query, acting, AbortSignal.any(signals));
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...running]);
    },
  };
}

/** Written down before it is run, so that nothing is run that is not; and after, with what came of it. */
async function runRecorded(
  options: QueryDeskOptions,
  query: string,
  acting: Acting,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  const run = { run: randomUUID(), ...fingerprintOf(query) };
  const record = (result: AuditEvent["result"], detail: object) =>
    options.record(toEvent(acting, result, { ...run, ...detail }));
  const client = await connect(options.databaseUrl, { applicationName: "authgraft (query)" });
  try {
    const role = await readQueryRole(client, options.hashes);
    if (role.isTooPowerful) {
      await record("failure", { phase: "refused", role: role.name });
      throw tooPowerful(role.name);
    }
    await record("success", { phase: "begun", role: role.name });
    const showsRows = options.showsRows && !role.readsHashes;
    const results = await runOn(client, options.databaseUrl, query, signal, showsRows).catch(
      async (error: unknown) => {
        const failed = explainQueryError(error);
        const sqlstate = failed instanceof QueryFailedError ? failed.sqlstate : null;
        await record("failure", { phase: "ended", sqlstate });
        throw failed;
      },
    );
    await record("success", {
      phase: "ended",
      commands: results.slice(0, 100).map(({ command }) => command),
    });
    return { results, keepsRowsBack: options.showsRows && !showsRows };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function runOn(
  client: pg.Client,
  url: string,
  query: string,
  signal: AbortSignal,
  showsRows: boolean,
): Promise<StatementResult[]> {
  await client.query(SETTINGS);
  const run = () => runStatements(client, query, showsRows ? ROW_LIMITS : null);
  const results = await cancelling(client, url, signal, run);
  // The connection ends now, and with it what was begun: the counts would be of what is not there.
  if (client.getTransactionStatus() !== "I") throw leftOpen();
  return results;
}

function toEvent(
  { actor, caller }: Acting,
  result: AuditEvent["result"],
  detail: Readonly<Record<string, unknown>>,
): AuditEvent {
  const who = { actor, userId: null, sessionId: null, ...describeCaller(caller) };
  return { event: "query_run", result, ...who, detail };
}

/** PostgreSQL's protocol ends a text with a NUL, and a lone surrogate has no UTF-8. */
function assertText(query: string): void {
  if (!query.includes("\0") && query.isWellFormed()) return;
  throw new FieldsError({
    field: "query",
    code: "field_invalid",
    message: "A query is Unicode text without NUL.",
  });
}

function tooPowerful(role: string): AuthgraftError {
  return new AuthgraftError(
    "query_refused",
    `The role ${role} of ADMIN_QUERY_DATABASE_URL is a superuser, or can do what one can; nothing was run.`,
    { fix: "Name a role in it that may do no more than queries over HTTP have to." },
  );
}
