import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { findColumn } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import { FENCE_TRIGGERS, notNullCheckName, usersTable } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { archivedProvenanceOf, forgetProvenance, provenanceOf, recordProvenance } from "../provenance.ts";
import { refuseNewDependents } from "../refuse-new-dependents.ts";
import { restoreByCheck, restoreNamed } from "../restore-not-null.ts";
import type { ObjectKind, ProvenanceRow, Situation } from "../situation.ts";
import type { DownChoices, Fence, Loss, Section, Step } from "../step.ts";
import {
  columnsRecorded,
  freedBeforeArchive,
  freedProviderColumns,
  missingColumns,
  neededColumns,
  ownColumns,
  providerColumns,
  requiredProviderColumns,
} from "../users-objects.ts";

const ID = "users-columns";

/** The columns of the users table: one ALTER TABLE, so that it queues for the table once. */
export const usersColumnsStep: Step = {
  id: ID,
  title: (situation) =>
    `Change ${displayName(situation.users.schema, situation.users.name)}: ${summary(situation)}`,
  reason: () =>
    "Adding a nullable column or one with a constant default, and DROP NOT NULL, change the catalog only: no row is rewritten.",
  isWanted: () => true,
  isDone: (situation) => alterations(situation).length === 0 && columnsRecorded(situation),
  isPresent: (situation) => situation.graft?.provenance?.some((row) => row.step === ID) ?? false,
  up,
  down,
  obstacles,
  losses,
  fences,
};

function summary(situation: Situation): string {
  const columns = missingColumns(situation).map((column) => `add ${column.name}`);
  const freed = requiredProviderColumns(situation).map((name) => `${name} may be empty`);
  const parts = [...columns, ...freed];
  return parts.length === 0 ? standing(situation) : parts.join(", ");
}

/** What the graft has made of the table, once it is done. */
function standing(situation: Situation): string {
  const columns = ownColumns(situation).map(({ name }) => `${name} added`);
  const freed = freedProviderColumns(situation).map((name) => `${name} may be empty`);
  return [...columns, ...freed].join(", ") || "nothing, its columns were there";
}

function up(situation: Situation): Section[] {
  const changes = alterations(situation);
  if (changes.length === 0 && columnsRecorded(situation)) return [];
  const alter =
    changes.length === 0 ? [] : [`ALTER TABLE ${usersTable(situation)}\n  ${changes.join(",\n  ")}`];
  const record = recordProvenance(situation.configuration.schema, provenance(situation));
  const lock = changes.length === 0 ? "NONE" : "ACCESS EXCLUSIVE";
  return [{ transactional: true, lock, statements: [...alter, record] }];
}

function alterations(situation: Situation): string[] {
  return [
    ...missingColumns(situation).map(
      (column) => `ADD COLUMN ${quoteIdentifier(column.name)} ${column.definition}`,
    ),
    ...requiredProviderColumns(situation).map(
      (name) => `ALTER COLUMN ${quoteIdentifier(name)} DROP NOT NULL`,
    ),
    ...leftoverChecks(situation).map((name) => `DROP CONSTRAINT ${quoteIdentifier(name)}`),
  ];
}

/** Helper constraints of a `down` that was interrupted. */
function leftoverChecks(situation: Situation): string[] {
  return providerColumns(situation)
    .map(notNullCheckName)
    .filter((name) => situation.users.constraints.some((constraint) => constraint.name === name));
}

/** What changes now is recorded as the graft's; what stood before and is not on record, as the application's. */
function provenance(situation: Situation): ProvenanceRow[] {
  const missing = missingColumns(situation).map((column) => column.name);
  const columns = neededColumns(situation)
    .filter(({ name }) => missing.includes(name) || provenanceOf(situation, "column", name) === undefined)
    .map(({ name, definition, type }): ProvenanceRow => {
      const origin = missing.includes(name) ? "graft" : "application";
      const made = origin === "graft" ? { definition, type } : null;
      return { kind: "column", name, origin, before: null, made, step: ID };
    });
  return [...columns, ...providerColumns(situation).flatMap((name) => notNullProvenance(situation, name))];
}

function notNullProvenance(situation: Situation, name: string): ProvenanceRow[] {
  const column = findColumn(situation.users, name);
  const row = { kind: "not_null" as const, name, made: null, step: ID };
  if (column?.notNull) return [{ ...row, origin: "graft", before: { constraint: column.notNullConstraint } }];
  if (provenanceOf(situation, "not_null", name) !== undefined) return [];
  const before = archivedProvenanceOf(situation, "not_null", name)?.before ?? null;
  return [{ ...row, origin: freedBeforeArchive(situation, name) ? "graft" : "application", before }];
}

function down(situation: Situation, choices: DownChoices): Section[] {
  const restore = columnsToRestore(situation).filter((name) => !choices.keepNullable.includes(name));
  const named = situation.server.version >= 180_000;
  const prepared = named ? restoreNamed(situation, restore) : restoreByCheck(situation, restore);
  return [...prepared, removal(situation, named ? [] : restore)];
}

/** On a plan that has not run yet, what `up` will take away is what `down` gives back. */
function columnsToRestore(situation: Situation): string[] {
  return providerColumns(situation).filter(
    (name) =>
      freedProviderColumns(situation).includes(name) || requiredProviderColumns(situation).includes(name),
  );
}

/** Fence, columns and NOT NULL in one transaction: there is no moment in which a new value could slip in. */
function removal(situation: Situation, checked: readonly string[]): Section {
  const table = usersTable(situation);
  const dropped = [...ownColumns(situation), ...missingColumns(situation)].map((column) => column.name);
  // PostgreSQL drops before it sets NOT NULL, whatever their order in one statement, and would scan the table.
  const alterations = [
    checked.map((name) => `ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`),
    [
      ...dropped.map((name) => `DROP COLUMN ${quoteIdentifier(name)}`),
      ...checked.map((name) => `DROP CONSTRAINT ${quoteIdentifier(notNullCheckName(name))}`),
    ],
  ].filter((clauses) => clauses.length > 0);
  const recorded: { kind: ObjectKind; name: string }[] = [
    ...neededColumns(situation).map(({ name }) => ({ kind: "column" as const, name })),
    ...providerColumns(situation).map((name) => ({ kind: "not_null" as const, name })),
  ];
  return {
    transactional: true,
    lock: "ACCESS EXCLUSIVE",
    statements: [
      ...dropFences(situation),
      ...(dropped.length === 0 ? [] : [refuseNewDependents(table, dropped)]),
      ...alterations.map((clauses) => `ALTER TABLE ${table}\n  ${clauses.join(",\n  ")}`),
      forgetProvenance(situation.configuration.schema, recorded),
    ],
  };
}

function dropFences(situation: Situation): string[] {
  return Object.values(FENCE_TRIGGERS)
    .filter((name) => situation.users.triggers.some((trigger) => trigger.name === name))
    .map((name) => `DROP TRIGGER ${quoteIdentifier(name)} ON ${usersTable(situation)}`);
}

/** A column on record as the graft's that is of another type now is somebody else's work. */
function obstacles(situation: Situation): Finding[] {
  const table = displayName(situation.users.schema, situation.users.name);
  return ownColumns(situation)
    .filter(({ name, type }) => findColumn(situation.users, name)?.type !== type)
    .map(({ name, type }) =>
      obstacle(
        "graft_column_changed",
        `${table}.${name}`,
        `The column ${name} was added by the graft as ${type} and is ${findColumn(situation.users, name)?.type} now.`,
        "Change its type back; Authgraft neither guesses what the change was for nor drops what it did not make.",
      ),
    );
}

function losses(situation: Situation): Loss[] {
  const table = usersTable(situation);
  const count = (where: string) => `SELECT count(*) AS count FROM ${table} WHERE ${where}`;
  const columns = ownColumns(situation).map(
    (column): Loss => ({
      kind: column.lossKind,
      sql: count(column.holdsValue(quoteIdentifier(column.name))),
      label: column.lossLabel,
    }),
  );
  const freed = freedProviderColumns(situation);
  if (freed.length === 0) return columns;
  const without = freed.map((name) => `${quoteIdentifier(name)} IS NULL`).join(" OR ");
  return [
    ...columns,
    {
      kind: "no_provider",
      sql: count(without),
      label: `users with no ${freed.join(" or ")}, which must not be empty before the graft`,
    },
  ];
}

function fences(situation: Situation): Fence[] {
  const columns = ownColumns(situation).map(({ name, holdsValue }) => ({
    name: quoteIdentifier(name),
    holds: (side: string) => holdsValue(`${side}.${quoteIdentifier(name)}`),
  }));
  const freed = freedProviderColumns(situation).map((name) => ({
    name: quoteIdentifier(name),
    holds: (side: string) => `${side}.${quoteIdentifier(name)} IS NULL`,
  }));
  const watched = [...columns, ...freed];
  if (watched.length === 0) return [];
  return [
    {
      table: usersTable(situation),
      insert: watched.map(({ holds }) => holds("NEW")).join(" OR "),
      update: watched
        .map(({ name, holds }) => `(${holds("NEW")} AND NEW.${name} IS DISTINCT FROM OLD.${name})`)
        .join(" OR "),
    },
  ];
}
