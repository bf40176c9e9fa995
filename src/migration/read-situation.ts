import type { Configuration } from "../config/schema.ts";
import type { Queryable } from "../postgres/client.ts";
import { qualify, quoteLiteral } from "../postgres/identifiers.ts";
import { findTable } from "../users-table/find-table.ts";
import { detectMapping } from "../users-table/mapping.ts";
import { readRelations } from "../users-table/read-relation.ts";
import type { Relation } from "../users-table/relation.ts";
import { readFenceFunction } from "./fence-function.ts";
import { readExposures } from "./findings/exposures/exposures.ts";
import { type FindingScope, readFindings } from "./findings/read-findings.ts";
import { PROVENANCE } from "./journal-tables.ts";
import { archiveSchemaName, emailConstraintName, emailIndexName, OWN_FUNCTIONS } from "./names.ts";
import { readServerRole } from "./read-server-role.ts";
import type {
  Archive,
  DefaultGrant,
  GraftSchema,
  ObjectKind,
  Privileges,
  ProvenanceRow,
  ServerFacts,
  Situation,
} from "./situation.ts";
import { ALL_TABLES, REVOKED_TOKENS } from "./tables.ts";

/**
 * Reads all that a plan is made from. Nothing is changed; the connection's search_path must be pinned to
 * `pg_catalog`, so that every name comes back with its schema.
 *
 * @throws ConfigurationError `table_not_found`, `table_ambiguous`.
 */
export async function readSituation(
  client: Queryable,
  configuration: Configuration,
  scope: FindingScope = { advice: true },
): Promise<Situation> {
  const facts = await readFacts(client, configuration);
  const { server, users, mapping, privileges, graft } = facts;
  const provenance = graft?.provenance ?? null;
  const subject = { server, configuration, users, mapping, privileges, provenance };
  return { ...facts, findings: await readFindings(client, subject, scope) };
}

/** The same without the findings, some of which scan the table: for a look between two steps. */
export async function readFacts(client: Queryable, configuration: Configuration): Promise<Situation> {
  const { schema } = configuration;
  const server = await readServer(client);
  const schemas = [schema, archiveSchemaName(schema)];
  const oid = await findTable(client, configuration.table, schemas);
  const relations = await readAround(client, oid, schemas);
  const users = relations.find((relation) => relation.oid === oid);
  if (users === undefined) throw new TypeError(`the table with oid ${oid} is gone`);
  return {
    server,
    configuration,
    users,
    mapping: detectMapping(users, configuration.mapping),
    privileges: await readPrivileges(client, users, schema),
    revokedTokens: named(relations, users.schema, REVOKED_TOKENS.name) ?? null,
    graft: await readGraftSchema(client, schema, relations),
    takenNames: await readTakenNames(client, users),
    archive: await readArchive(client, archiveSchemaName(schema), relations),
    defaultGrants: await readDefaultGrants(client, users, schema),
    serverRole: await readServerRole(client, users, configuration),
    exposures: configuration.closeExposures ? await readExposures(client, { users, configuration }) : [],
    findings: [],
  };
}

/** The users table, its neighbour `revoked_tokens`, and all that stands in these schemas, read at one moment. */
async function readAround(
  client: Queryable,
  users: string,
  schemas: readonly string[],
): Promise<readonly Relation[]> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE c.oid = $1::oid OR c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (s.nspname = ANY($2::text[])
       OR c.relname = $3 AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid))`,
    [users, schemas, REVOKED_TOKENS.name],
  );
  return readRelations(
    client,
    rows.map((row) => row.oid),
  );
}

function named(relations: readonly Relation[], schema: string, name: string): Relation | undefined {
  return relations.find((relation) => relation.schema === schema && relation.name === name);
}

async function readServer(client: Queryable): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(`
    SELECT current_setting('server_version_num')::int AS version, current_database() AS database,
      current_user AS "user", pg_is_in_recovery() AS "inRecovery",
      current_setting('transaction_read_only')::boolean AS "readOnly"`);
  return single(rows);
}

async function readPrivileges(client: Queryable, users: Relation, schema: string): Promise<Privileges> {
  const { rows } = await client.query<Privileges>(
    `SELECT r.rolsuper AS superuser, pg_has_role(c.relowner, 'USAGE') AND pg_has_role(c.relowner, CASE
        WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS "ownsUsersTable",
      has_schema_privilege(c.relnamespace, 'CREATE') AS "createInSchema",
      has_schema_privilege(c.relowner, c.relnamespace, 'CREATE') AS "ownerCreatesInSchema",
      has_database_privilege(current_database(), 'CREATE') AS "createInDatabase",
      coalesce((SELECT pg_has_role(s.nspowner, 'MEMBER') FROM pg_namespace s WHERE s.nspname = $2), false) AS "ownsGraftSchema"
     FROM pg_class c, pg_roles r WHERE c.oid = $1 AND r.rolname = current_user`,
    [users.oid, schema],
  );
  return single(rows);
}

async function readTakenNames(client: Queryable, users: Relation): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE s.nspname = $1 AND c.relname = ANY($2::text[]) AND i.indrelid IS DISTINCT FROM $3::oid`,
    [users.schema, [emailIndexName({ users }), emailConstraintName({ users })], users.oid],
  );
  return rows.map(({ name }) => name);
}

/** All that stands in a schema beside relations, the sequences of identity columns, and the fence's function. */
const OTHER_OBJECTS_SQL = `
  SELECT pg_describe_object(d.classid, d.objid, 0) AS name FROM pg_depend d
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::oid AND d.deptype = 'n'
    AND NOT coalesce(c.relkind IN ('r', 'p', 'v', 'm', 'f'), false) AND NOT coalesce(p.proname = ANY($2::text[]) AND p.pronargs = 0, false)
    AND NOT EXISTS (SELECT FROM pg_depend o WHERE o.classid = d.classid AND o.objid = d.objid AND o.deptype = 'i')
  ORDER BY 1`;

async function readGraftSchema(
  client: Queryable,
  schema: string,
  around: readonly Relation[],
): Promise<GraftSchema | null> {
  const { rows } = await client.query<{ oid: string; owner: string }>(
    "SELECT oid::text AS oid, pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1",
    [schema],
  );
  const [found] = rows;
  if (found === undefined) return null;
  const relations = around.filter((relation) => relation.schema === schema);
  const others = await client.query<{ name: string }>(OTHER_OBJECTS_SQL, [found.oid, OWN_FUNCTIONS]);
  return {
    owner: found.owner,
    relations,
    provenance: await readProvenance(client, schema, relations),
    others: others.rows.map((row) => row.name),
    fenceFunction: await readFenceFunction(client, found.oid),
  };
}

/** Null where no table of that name holds what it should: then the schema is not known to be the graft's. */
async function readProvenance(
  client: Queryable,
  schema: string,
  relations: readonly Relation[],
): Promise<ProvenanceRow[] | null> {
  const table = relations.find((relation) => relation.name === PROVENANCE.name);
  const known = PROVENANCE.columns.every((column) => table?.columns.some(({ name }) => name === column.name));
  if (!known) return null;
  const { rows } = await client.query<ProvenanceRow>(
    `SELECT "kind", "name", "origin", "before", "made", "step" FROM ${qualify(schema, PROVENANCE.name)} ORDER BY "kind", "name"`,
  );
  return rows.every(isSound) ? rows : null;
}

const KINDS: readonly ObjectKind[] = [
  "schema",
  "table",
  "column",
  "not_null",
  "index",
  "constraint",
  "grant",
  "rights",
  "trigger",
];

/** What is on record decides what is dropped: a record that somebody has written into is none. */
function isSound({ kind, origin, before }: ProvenanceRow): boolean {
  const constraint = before?.constraint as { readonly name?: unknown } | null | undefined;
  const named = constraint == null || typeof constraint.name === "string";
  return KINDS.includes(kind) && (origin === "graft" || origin === "application") && named;
}

async function readArchive(
  client: Queryable,
  schema: string,
  around: readonly Relation[],
): Promise<Archive | null> {
  const relations = around.filter((relation) => relation.schema === schema);
  if (!relations.some((relation) => relation.name === "archive")) return null;
  // Only the owner can look into an archive; a server does not need to.
  const allowed = await client.query<{ allowed: boolean }>(
    "SELECT CASE WHEN has_schema_privilege($1, 'USAGE') THEN has_table_privilege($2, 'SELECT') ELSE false END AS allowed",
    [schema, qualify(schema, "archive")],
  );
  if (!allowed.rows[0]?.allowed) return null;
  const { rows } = await client.query<{ archivedAt: string; usersTable: string }>(
    `SELECT "archived_at"::text AS "archivedAt", "users_table" AS "usersTable" FROM ${qualify(schema, "archive")}`,
  );
  const provenance = await readProvenance(client, schema, relations);
  return {
    schema,
    ...single(rows),
    userColumns: named(relations, schema, "users")?.columns.map(({ name }) => name) ?? [],
    provenance: provenance ?? [],
    tables: relations.map((relation) => relation.name),
    columns: Object.fromEntries(
      relations.map((relation) => [relation.name, relation.columns.map(({ name }) => name)]),
    ),
  };
}

/** @see https://www.postgresql.org/docs/current/catalog-pg-default-acl.html */
async function readDefaultGrants(
  client: Queryable,
  users: Relation,
  schema: string,
): Promise<DefaultGrant[]> {
  const { rows } = await client.query<DefaultGrant>(
    `SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS grantee,
       CASE d.defaclobjtype WHEN 'S' THEN 'sequences' WHEN 'n' THEN 'schemas' ELSE 'tables' END AS objects
     FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
     LEFT JOIN pg_namespace s ON s.oid = d.defaclnamespace
     WHERE d.defaclobjtype IN ('r', 'S', 'n') AND (d.defaclnamespace = 0 OR s.nspname IN (${[users.schema, schema].map(quoteLiteral).join(", ")}))
       AND d.defaclrole IN (SELECT oid FROM pg_roles WHERE rolname IN (current_user, $1)) AND a.grantee <> d.defaclrole
     ORDER BY 1, 2`,
    [users.owner],
  );
  return rows;
}

/** Names of the graft's tables, to tell foreign relations in its schema. */
export function foreignRelations(situation: Situation): string[] {
  const own = ALL_TABLES.filter((table) => table.place === "graft").map((table) => table.name);
  return (situation.graft?.relations ?? [])
    .map((relation) => relation.name)
    .filter((name) => !own.includes(name));
}

function single<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new TypeError("PostgreSQL answered without a row");
  return row;
}
