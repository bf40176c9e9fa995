import type { Queryable } from "../../postgres/client.ts";
import { displayName } from "../../users-table/find-table.ts";
import { findColumn, type Relation } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import { FEED_TRIGGERS, FENCE_TRIGGERS, notNullCheckName } from "../names.ts";
import { ownNames } from "../provenance.ts";
import { foreignRelations } from "../read-situation.ts";
import type { Situation } from "../situation.ts";
import { replacedIndexes } from "../table-additions.ts";
import type { TableDefinition } from "../table-definition.ts";
import { findGraftTable, tableObjectNames } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ALL_TABLES } from "../tables.ts";
import { ownColumns, providerColumns } from "../users-objects.ts";

/**
 * What others have hung on the graft's columns ($2, of the users table $1) and tables ($3) since: indexes, checks,
 * statistics and policies that DROP would take along silently, views, generated columns and publications that
 * would block it. A view's rule stands for the view, a default for its column. What is the graft's own, by name: $4.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
const DEPENDENTS_SQL = `
  SELECT DISTINCT pg_describe_object(
    CASE WHEN r.rulename = '_RETURN' OR f.oid IS NOT NULL THEN 'pg_class'::regclass ELSE d.classid END,
    CASE WHEN r.rulename = '_RETURN' THEN r.ev_class ELSE coalesce(f.adrelid, d.objid) END,
    coalesce(f.adnum, d.objsubid)) AS object
  FROM pg_depend d
  LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
  LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
  LEFT JOIN pg_constraint n ON d.classid = 'pg_constraint'::regclass AND n.oid = d.objid
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
  WHERE d.deptype IN ('n', 'a')
    AND (d.refclassid = 'pg_class'::regclass AND (d.refobjid = $1::oid AND d.refobjsubid = ANY($2::int[]) OR d.refobjid = ANY($3::oid[]))
      OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
        SELECT t.oid FROM pg_class o JOIN pg_type t ON t.oid = o.reltype OR t.typelem = o.reltype WHERE o.oid = ANY($3::oid[])))
    AND NOT coalesce(f.adrelid = ANY($3::oid[]) OR f.adrelid = $1::oid AND f.adnum = ANY($2::int[]), false)
    AND NOT coalesce(n.contype = 'n' OR (n.conrelid = $1::oid OR n.conrelid = ANY($3::oid[])) AND n.conname = ANY($4::text[]), false)
    AND NOT coalesce(c.relkind IN ('S', 't') OR (i.indrelid = $1::oid OR i.indrelid = ANY($3::oid[])) AND c.relname = ANY($4::text[]), false)
    AND NOT coalesce(g.tgisinternal OR g.tgname = ANY($4::text[]), false)
  ORDER BY 1`;

/** Refusals for everything that would be taken along or would block. */
export async function findDependents(client: Queryable, situation: Situation): Promise<Finding[]> {
  const { users } = situation;
  const numbers = ownColumns(situation).map((column) => findColumn(users, column.name)?.number ?? 0);
  const tables = ownTables(situation);
  const { rows } = await client.query<{ object: string }>(DEPENDENTS_SQL, [
    users.oid,
    numbers,
    tables.map(({ relation }) => relation.oid),
    knownNames(situation),
  ]);
  return [
    ...rows.map((row) => row.object),
    ...tables.flatMap(({ table, relation }) => unknownColumns(table, relation)),
    ...users.children.map((child) => `table ${child}, which inherits from the users table,`),
    ...strangers(situation),
  ].map(dependent);
}

interface OwnTable {
  readonly table: TableDefinition;
  readonly relation: Relation;
}

function ownTables(situation: Situation): OwnTable[] {
  return ALL_TABLES.filter((table) => ownsTable(situation, table)).flatMap((table) => {
    const relation = findGraftTable(situation, table);
    return relation === undefined ? [] : [{ table, relation }];
  });
}

function knownNames(situation: Situation): string[] {
  return [
    ...ownNames(situation, "index"),
    ...ownNames(situation, "constraint"),
    ...providerColumns(situation).map(notNullCheckName),
    ...Object.values(FENCE_TRIGGERS),
    ...Object.values(FEED_TRIGGERS),
    ...ownTables(situation).flatMap(({ table }) => [
      ...tableObjectNames(table),
      ...replacedIndexes(situation, table),
    ]),
  ];
}

/** Columns that the team put on a table of the graft. */
function unknownColumns(table: TableDefinition, relation: Relation): string[] {
  return relation.columns
    .filter(({ name }) => !table.columns.some((column) => column.name === name))
    .map(({ name }) => `column ${name} of table ${displayName(relation.schema, relation.name)}`);
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
