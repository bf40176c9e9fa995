import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { FindingCheck, Query } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { isPending } from "../subject.ts";

interface EventTrigger {
  readonly name: string;
  readonly event: string;
  readonly fn: string;
}

/** Kinds of statement that the graft is made of, as event triggers name them. */
const TAGS = [
  "ALTER TABLE",
  "CREATE TABLE",
  "CREATE SCHEMA",
  "CREATE INDEX",
  "CREATE SEQUENCE",
  "CREATE FUNCTION",
  "CREATE TRIGGER",
  "COMMENT",
  "GRANT",
  "REVOKE",
  "DROP TABLE",
];

/** Event triggers run with the graft's statements: they can stop them, or add to them. */
export const eventTriggersCheck: FindingCheck<EventTrigger> = {
  id: "event-triggers",
  applies: isPending,
  query,
  judge: (rows, subject) =>
    rows.map(({ name, event, fn }) =>
      warning({
        code: "event_trigger",
        object: name,
        message: `The event trigger ${name} runs ${fn}() at ${event} of statements that the graft uses: it can refuse them, change grants and owners, or take long under their locks.`,
        fix: `ALTER EVENT TRIGGER ${quoteIdentifier(name)} DISABLE; -- during up, unless ${fn}() lets these statements be`,
        evidence: evidence(query(), subject, `${name} (${event})`),
      }),
    ),
};

function query(): Query {
  return {
    sql: `
      SELECT e.evtname::text AS name, e.evtevent::text AS event, e.evtfoid::regproc::text AS fn
      FROM pg_catalog.pg_event_trigger e
      WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
        AND (e.evttags IS NULL OR e.evttags && $1::text[]) ORDER BY 1`,
    values: [TAGS],
  };
}
