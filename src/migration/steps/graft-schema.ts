import { quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { revokeDefaults } from "../default-grants.ts";
import type { Finding } from "../finding.ts";
import { MIGRATION_RUNS, MIGRATION_STEPS, PROVENANCE } from "../journal-tables.ts";
import { FENCE_FUNCTION } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { recordProvenance } from "../provenance.ts";
import type { ProvenanceRow, Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import type { TableDefinition } from "../table-definition.ts";
import { createTable, dropTable, findForeignKey, findGraftTable } from "../table-sql.ts";
import { ACCOUNTS, ALL_TABLES } from "../tables.ts";

const TABLES: readonly TableDefinition[] = [PROVENANCE, MIGRATION_RUNS, MIGRATION_STEPS];

/** The schema of the graft with the journal and the record of whose each object is. */
export const graftSchemaStep: Step = {
  id: "graft-schema",
  title: (situation) => `Create the schema ${situation.configuration.schema} with the journal`,
  reason: () =>
    "All that Authgraft adds beside the users table stands in a schema of its own, so no name clashes.",
  isWanted: () => true,
  isDone: stands,
  isPresent: (situation) => situation.graft?.provenance != null,
  up: (situation) => (stands(situation) ? [] : [creation(situation)]),
  down: (situation) => [removal(situation)],
  obstacles,
  losses: () => [],
  fences: () => [],
};

function stands(situation: Situation): boolean {
  return TABLES.every((table) => findGraftTable(situation, table) !== undefined);
}

/** An empty schema of that name is the application's: it is used, and left behind by `down`. */
function creation(situation: Situation): Section {
  const { schema } = situation.configuration;
  const owner = quoteIdentifier(situation.users.owner);
  const adopted = situation.graft !== null;
  return {
    transactional: true,
    lock: "NONE",
    statements: [
      ...(adopted ? [] : [`CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${owner}`]),
      ...(adopted
        ? []
        : [commentOn(schema, situation), revokeDefaults(situation, "schemas", quoteIdentifier(schema))]),
      ...TABLES.flatMap((table) => createTable(situation, table)),
      recordProvenance(schema, provenance(situation, adopted)),
    ],
  };
}

function commentOn(schema: string, situation: Situation): string {
  const name = displayName(situation.users.schema, situation.users.name);
  return `COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(`Sign-in for ${name}, by Authgraft.`)}`;
}

function provenance(situation: Situation, adopted: boolean): ProvenanceRow[] {
  const step = "graft-schema";
  const { schema } = situation.configuration;
  const users_table = displayName(situation.users.schema, situation.users.name);
  const origin = adopted ? "application" : "graft";
  return [
    { kind: "schema", name: schema, origin, before: null, made: { users_table }, step },
    ...TABLES.map(
      (table): ProvenanceRow => ({
        kind: "table",
        name: table.name,
        origin: "graft",
        before: null,
        made: null,
        step,
      }),
    ),
  ];
}

function removal(situation: Situation): Section {
  const { schema } = situation.configuration;
  const own = situation.graft?.provenance?.find((row) => row.kind === "schema");
  return {
    transactional: true,
    lock: "NONE",
    statements: [
      `DROP FUNCTION IF EXISTS ${quoteIdentifier(schema)}.${quoteIdentifier(FENCE_FUNCTION)}()`,
      ...[...TABLES].reverse().map((table) => dropTable(situation, table)),
      ...(own?.origin === "application" ? [] : [`DROP SCHEMA ${quoteIdentifier(schema)}`]),
    ],
  };
}

function obstacles(situation: Situation): Finding[] {
  const { graft } = situation;
  const { schema } = situation.configuration;
  if (graft === null) return [];
  if (graft.provenance === null) return foreignSchema(situation);
  const record = graft.provenance.find((row) => row.kind === "schema");
  const grafted = record?.made?.users_table;
  const wanted = displayName(situation.users.schema, situation.users.name);
  if (grafted === undefined || grafted === wanted || findForeignKey(situation, ACCOUNTS) !== undefined)
    return [];
  return [
    obstacle(
      "graft_of_another_table",
      schema,
      `The schema ${schema} holds the graft of ${String(grafted)}, not of ${wanted}.`,
      `Name that table with --table, or choose another schema for this one ("schema" in the configuration).`,
    ),
  ];
}

function foreignSchema({ graft, configuration: { schema } }: Situation): Finding[] {
  const objects = [...(graft?.relations.map((relation) => relation.name) ?? []), ...(graft?.others ?? [])];
  if (objects.length === 0) return [];
  const ours = graft?.relations.some((relation) => ALL_TABLES.some((table) => table.name === relation.name));
  return [
    obstacle(
      "schema_taken",
      schema,
      `There is a schema ${schema} already, with objects that are not known to be Authgraft's: ${objects.slice(0, 10).join(", ")}.`,
      ours
        ? `It has no table "provenance" that says whose they are: restore that table from a backup, or take the objects out by hand.`
        : `Choose another name for Authgraft's schema ("schema" in the configuration), or rename that one.`,
    ),
  ];
}
