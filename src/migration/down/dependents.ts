import type { Queryable } from "../../postgres/client.ts";
import { displayName } from "../../users-table/find-table.ts";
import { findColumn } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import { emailConstraintName, emailIndexName, FENCE_TRIGGERS, notNullCheckName } from "../names.ts";
import { foreignRelations } from "../read-situation.ts";
import type { Situation } from "../situation.ts";
import { findGraftTable } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ALL_TABLES } from "../tables.ts";
import { ownColumns, providerColumns } from "../users-objects.ts";

/**
 * What others have hung on the graft's columns and tables since: indexes, checks and statistics that
 * DROP would take along silently, views and publications that would block it.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
const DEPENDENTS_SQL = `
  SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) AS object
  FROM pg_depend d
  LEFT JOIN pg_constraint n ON d.classid = 'pg_constraint'::regclass AND n.oid = d.objid
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
  WHERE d.refclassid = 'pg_class'::regclass AND d.deptype IN ('n', 'a')
    AND (d.refobjid = $1::oid AND d.refobjsubid = ANY($2::int[]) OR d.refobjid = ANY($3::oid[]))
    AND d.classid <> 'pg_attrdef'::regclass AND d.classid <> 'pg_type'::regclass
    AND NOT coalesce(n.contype = 'n' OR n.conrelid = ANY($3::oid[]) OR (n.conrelid = $1::oid AND n.conname = ANY($4::text[])), false)
    AND NOT coalesce(c.relkind IN ('i', 'S', 't') AND c.relname = ANY($4::text[]) OR c.relkind IN ('S', 't'), false)
    AND NOT coalesce(g.tgisinternal OR g.tgname = ANY($4::text[]), false)
  ORDER BY 1`;

/** Refusals for everything that would be taken along or would block. */
export async function findDependents(client: Queryable, situation: Situation): Promise<Finding[]> {
  const numbers = ownColumns(situation).map(
    (column) => findColumn(situation.users, column.name)?.number ?? 0,
  );
  const tables = ALL_TABLES.filter((table) => ownsTable(situation, table)).flatMap(
    (table) => findGraftTable(situation, table) ?? [],
  );
  const { rows } = await client.query<{ object: string }>(DEPENDENTS_SQL, [
    situation.users.oid,
    numbers,
    tables.map((table) => table.oid),
    knownNames(
      situation,
      tables.flatMap((table) => table.indexes.map((index) => index.name)),
    ),
  ]);
  const unknown = tables.flatMap((table) =>
    unknownIndexes(
      table.name,
      table.indexes.map((index) => index.name),
    ),
  );
  return [...rows.map((row) => row.object), ...unknown, ...strangers(situation)].map(dependent);
}

function knownNames(situation: Situation, indexes: readonly string[]): string[] {
  return [
    emailIndexName(situation),
    emailConstraintName(situation),
    ...providerColumns(situation).map(notNullCheckName),
    ...Object.values(FENCE_TRIGGERS),
    ...indexes,
  ];
}

/** Indexes that the team put on a table of the graft. */
function unknownIndexes(table: string, names: readonly string[]): string[] {
  const definition = ALL_TABLES.find((candidate) => candidate.name === table);
  const known = [
    `${table}_pkey`,
    `${table}_jti_key`,
    ...(definition?.indexes.map((index) => index.name) ?? []),
  ];
  return names.filter((name) => !known.includes(name)).map((name) => `index ${name}`);
}

/** Things in the graft's schema that are not the graft's. */
function strangers(situation: Situation): string[] {
  const { schema } = situation.configuration;
  const relations = foreignRelations(situation).map((name) => `relation ${displayName(schema, name)}`);
  return [...relations, ...(situation.graft?.others ?? [])];
}

function dependent(object: string): Finding {
  return {
    code: "depends_on_graft",
    severity: "refusal",
    acceptable: false,
    object,
    message: `The ${object} hangs on what down would take out.`,
    fix: `Take it out first (and put it back afterwards where it makes sense): authgraft drops only what it made.`,
    evidence: null,
  };
}
