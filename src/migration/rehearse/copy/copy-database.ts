import { MigrationError } from "../../../errors.ts";
import type { Queryable } from "../../../postgres/client.ts";
import { describe } from "../../../postgres/connect.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../../postgres/sqlstate.ts";
import { displayName, findTable } from "../../../users-table/find-table.ts";
import type { RehearsalSource } from "../rehearsal.ts";
import { newRestoreLogin } from "../restore/restore-role.ts";
import { fillDatabase } from "./fill-database.ts";
import { readRecordedQueries } from "./recorded-queries.ts";
import { readGraftRecord } from "./rows/row-choice.ts";
import { type RowTable, readRowTables } from "./rows/row-tables.ts";
import { look, openSource, withSnapshot } from "./source-session.ts";

/** How a live database is copied. */
export interface CopyOptions {
  /** All rows, none, or a sample of so many users with what belongs to them. */
  readonly rows: "all" | "none" | number;
  /** The users table, as it is configured. */
  readonly table: string;
  /** The schema of the graft: its secrets are not copied. `authgraft` unless told otherwise. */
  readonly schema?: string;
}

/**
 * A copy of a live database to rehearse on: its schema, and by choice its rows. The source is read in one
 * read-only transaction a load, over a connection that takes no lock stronger than a SELECT's, withdraws
 * rather than queue behind somebody's lock, and holds back vacuum for as long as rows are read. No client
 * tools are needed.
 *
 * @throws ConfigurationError `table_not_found`, `table_ambiguous`.
 * @throws DatabaseError when the source cannot be reached.
 * @throws MigrationError `refused` where the users table's rows may not be read; the message names the GRANT.
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG
 */
export async function copyDatabase(sourceUrl: string, options: CopyOptions): Promise<RehearsalSource> {
  const { rows, table, schema = "authgraft" } = options;
  const source = await lookAtSource(sourceUrl, table, schema, rows);
  const { users, version } = source;
  const request = {
    url: sourceUrl,
    users: users.oid,
    major: source.major,
    schema,
    rows,
    login: newRestoreLogin(),
  };
  return {
    kind: "database",
    description: `${describe(sourceUrl)} (live, PostgreSQL ${version}, ${rowsInWords(rows)})`,
    serverVersion: version,
    load: (databaseUrl, loadOptions) => fillDatabase(request, databaseUrl, loadOptions),
    queries: () => withSource(sourceUrl, (client) => readRecordedQueries(client, users.relation)),
  };
}

function rowsInWords(rows: CopyOptions["rows"]): string {
  if (rows === "all") return "all rows";
  return rows === "none" ? "no rows" : `a sample of ${rows.toLocaleString("en")} users`;
}

interface SourceFacts {
  readonly users: RowTable;
  readonly major: number;
  readonly version: string;
}

async function lookAtSource(
  url: string,
  table: string,
  schema: string,
  rows: CopyOptions["rows"],
): Promise<SourceFacts> {
  return withSource(url, async (client) => {
    const { rows: servers } = await client.query<{ version: string; number: string; user: string }>(
      "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number, current_user AS user",
    );
    const server = servers[0];
    if (server === undefined) throw new TypeError("a server has a version");
    const oid = await findTable(client, table, [schema]);
    const users = (await readRowTables(client)).find((candidate) => candidate.oid === oid);
    if (users === undefined) throw notATable(table);
    if (rows !== "none") assertReadable(users, server.user);
    await assertRecordReadable(client, schema, server.user);
    const version = server.version.split(" ")[0] ?? server.version;
    return { users, major: Math.floor(Number(server.number) / 10_000), version };
  });
}

async function withSource<Result>(
  url: string,
  work: (client: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await openSource(url);
  try {
    return await withSnapshot(client, () => look(client, "a table", () => work(client)));
  } finally {
    await client.end();
  }
}

function notATable(table: string): MigrationError {
  return new MigrationError("refused", `${table} is no table whose rows could be copied.`, {
    fix: "Name the table itself: --table schema.name.",
  });
}

function assertReadable(users: RowTable, role: string): void {
  const name = displayName(users.schema, users.relation);
  if (!users.readable) {
    throw new MigrationError("refused", `${role} may not read ${name}: its rows cannot be copied.`, {
      fix: `GRANT USAGE ON SCHEMA ${quoteIdentifier(users.schema)} TO ${quoteIdentifier(role)}; GRANT SELECT ON ${users.name} TO ${quoteIdentifier(role)}; or copy no rows.`,
    });
  }
  if (!users.guarded) return;
  throw new MigrationError(
    "refused",
    `Row-level security hides rows of ${name} from ${role}: a copy would not be whole.`,
    {
      fix: `ALTER ROLE ${quoteIdentifier(role)} BYPASSRLS; or connect as the table's owner, where its policies are not forced.`,
    },
  );
}

/** Without the record nobody could tell the hashes that the graft keeps from the application's own columns. */
async function assertRecordReadable(client: Queryable, schema: string, role: string): Promise<void> {
  try {
    await readGraftRecord(client, schema);
  } catch (error) {
    if (sqlState(error) !== SqlState.insufficientPrivilege) throw error;
    throw new MigrationError(
      "refused",
      `${role} may not read ${schema}.provenance, which says what of the users table is the graft's own.`,
      {
        fix: `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)}; GRANT SELECT ON ${quoteIdentifier(schema)}.provenance TO ${quoteIdentifier(role)}.`,
        cause: error,
      },
    );
  }
}
