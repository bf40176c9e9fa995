import type { Column, NotNullConstraint, Relation } from "../../users-table/relation.ts";
import { emailConstraintName, emailIndexName, FENCE_TRIGGERS, notNullCheckName } from "../names.ts";
import { isOurs, provenanceOf } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { DownChoices } from "../step.ts";
import { freedProviderColumns, ownColumns, providerColumns } from "../users-objects.ts";

/** The users table as it must be once the whole graft is out: what stands now without what is the graft's. */
export function expectedAfterDown(situation: Situation, choices: DownChoices): Relation {
  const { users } = situation;
  const columns = ownColumns(situation).map((column) => column.name);
  const restored = freedProviderColumns(situation).filter((name) => !choices.keepNullable.includes(name));
  return {
    ...users,
    columns: users.columns
      .filter((column) => !columns.includes(column.name))
      .map((column) => (restored.includes(column.name) ? required(situation, column) : column)),
    constraints: users.constraints.filter(({ name }) => !ownConstraints(situation).includes(name)),
    indexes: users.indexes.filter(({ name }) => !ownIndexes(situation).includes(name)),
    triggers: users.triggers.filter(({ name }) => !Object.values<string>(FENCE_TRIGGERS).includes(name)),
  };
}

function required(situation: Situation, column: Column): Column {
  const before = provenanceOf(situation, "not_null", column.name)?.before?.constraint;
  return { ...column, notNull: true, notNullConstraint: (before ?? null) as NotNullConstraint | null };
}

function ownConstraints(situation: Situation): string[] {
  const name = emailConstraintName(situation);
  return [
    ...providerColumns(situation).map(notNullCheckName),
    ...(isOurs(situation, "constraint", name) ? [name] : []),
  ];
}

function ownIndexes(situation: Situation): string[] {
  const [index, constraint] = [emailIndexName(situation), emailConstraintName(situation)];
  return [
    ...(isOurs(situation, "index", index) ? [index] : []),
    ...(isOurs(situation, "constraint", constraint) ? [constraint] : []),
  ];
}
