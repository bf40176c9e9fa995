import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { LeftOut } from "../rehearsal.ts";
import type { Definition } from "./definitions/scope.ts";

/** An extension, and the schema that it stands in where that is the application's own. */
export interface ExtensionRow {
  readonly name: string;
  readonly schema: string | null;
}

/*
 * The application's triggers and functions come along, with the addresses that are written in them: one that writes an
 * audit row over dblink would write it into the live database, from traffic that nobody meant.
 */
const REACHING: readonly RegExp[] = [
  /^dblink/,
  /_fdw$/,
  /^wrappers$/,
  /^(pgsql_)?http$/,
  /^pg_(net|curl|cron|background|smtp_client)$/,
  /^pgagent$/,
  /^amqp$/,
  /^(aws|azure|google|gcp)_/,
  /^(plproxy|pglogical|bdr|citus)$/,
];

/** Languages whose functions may do on the machine whatever the server may, and what is built on them. */
const UNTRUSTED: readonly RegExp[] = [/(^|_)pl\w*u$/, /^(plsh|plr)$/, /^adminpack$/];

/** What makes the extensions; put together from names alone. */
export function extensionStatements(rows: readonly ExtensionRow[]): Definition[] {
  return rows
    .filter(({ name }) => reasonAgainst(name) === null)
    .map(({ name, schema }) => ({
      kind: "extension",
      name,
      sql: `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)}${schema === null ? "" : ` SCHEMA ${quoteIdentifier(schema)}`}`,
    }));
}

/** The extensions that a rehearsal does without, and why. */
export function refusedExtensions(rows: readonly ExtensionRow[]): LeftOut[] {
  return rows.flatMap(({ name }) => {
    const reason = reasonAgainst(name);
    return reason === null ? [] : [{ kind: "extension", name, reason }];
  });
}

function reasonAgainst(name: string): string | null {
  if (REACHING.some((pattern) => pattern.test(name)))
    return "Not taken into a rehearsal: it reaches other servers, the live database among them.";
  if (UNTRUSTED.some((pattern) => pattern.test(name)))
    return "Not taken into a rehearsal: what it runs may do whatever the server may.";
  return null;
}
