import type { Column, Relation } from "../../users-table/relation.ts";
import { FENCE_TRIGGERS, notNullCheckName } from "../names.ts";
import { ownNames } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { DownChoices } from "../step.ts";
import { freedProviderColumns, oldConstraint, ownColumns, providerColumns } from "../users-objects.ts";

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
  const named = situation.server.version >= 180_000;
  const notNullConstraint = named ? oldConstraint(situation, column.name) : null;
  return { ...column, notNull: true, notNullConstraint };
}

function ownConstraints(situation: Situation): string[] {
  return [...providerColumns(situation).map(notNullCheckName), ...ownNames(situation, "constraint")];
}

function ownIndexes(situation: Situation): string[] {
  return [...ownNames(situation, "index"), ...ownNames(situation, "constraint")];
}
