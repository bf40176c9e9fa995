import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { isUnique } from "../../users-table/relation.ts";
import { dropIndex } from "../drop-index.ts";
import type { Finding } from "../finding.ts";
import { nameTaken } from "../name-taken.ts";
import { emailConstraintName, usersTable } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { forgetProvenance, isOurs, ownName, recordProvenance } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";

const ID = "users-email-constraint";

/** A plain UNIQUE constraint besides, for ORMs and for `ON CONFLICT (email)`; by configuration. */
export const usersEmailConstraintStep: Step = {
  id: ID,
  title: (situation) => `Add a plain UNIQUE constraint on ${situation.mapping.email}`,
  reason: () =>
    "The index under it is built CONCURRENTLY first, so that adding the constraint takes a moment only.",
  isWanted: (situation) => situation.configuration.emailUniqueConstraint,
  isDone: (situation) =>
    constraintStands(situation) ||
    (isUnique(situation.users, [situation.mapping.email]) && !ourIndex(situation)),
  isPresent: (situation) => isOurs(situation, "constraint", graftName(situation)) && !isForeign(situation),
  up,
  down,
  obstacles,
  losses: () => [],
  fences: () => [],
};

/** As it is on record, or as it will be made. */
function graftName(situation: Situation): string {
  return ownName(situation, "constraint", emailConstraintName(situation));
}

function constraintStands(situation: Situation): boolean {
  const name = graftName(situation);
  return situation.users.constraints.some((constraint) => constraint.name === name);
}

function ourIndex(situation: Situation) {
  const name = graftName(situation);
  return situation.users.indexes.find((index) => index.name === name);
}

/** A record that names another constraint was not written by the graft: nothing is dropped on its word. */
function isForeign(situation: Situation): boolean {
  const name = graftName(situation);
  const standing = situation.users.constraints.find((constraint) => constraint.name === name);
  return (
    standing !== undefined && (standing.type !== "u" || standing.columns.join() !== situation.mapping.email)
  );
}

function up(situation: Situation): Section[] {
  if (usersEmailConstraintStep.isDone(situation)) return [];
  const name = graftName(situation);
  const index = ourIndex(situation);
  const usable = index?.valid && index.unique;
  return [
    ...(isOurs(situation, "constraint", name) ? [] : [record(situation, name)]),
    ...(index !== undefined && !usable ? [dropIndex(situation, name)] : []),
    ...(usable ? [] : [build(situation, name)]),
    {
      transactional: true,
      lock: "ACCESS EXCLUSIVE",
      statements: [
        `ALTER TABLE ${usersTable(situation)} ADD CONSTRAINT ${quoteIdentifier(name)} UNIQUE USING INDEX ${quoteIdentifier(name)}`,
      ],
    },
  ];
}

function record(situation: Situation, name: string): Section {
  const row = {
    kind: "constraint" as const,
    name,
    origin: "graft" as const,
    before: null,
    made: null,
    step: ID,
  };
  return {
    transactional: true,
    lock: "NONE",
    statements: [recordProvenance(situation.configuration.schema, [row])],
  };
}

function build(situation: Situation, name: string): Section {
  const email = quoteIdentifier(situation.mapping.email);
  return {
    transactional: false,
    lock: "SHARE UPDATE EXCLUSIVE",
    builds: { schema: situation.users.schema, index: name },
    statements: [
      `CREATE UNIQUE INDEX CONCURRENTLY ${quoteIdentifier(name)} ON ${usersTable(situation)} (${email})`,
    ],
  };
}

function down(situation: Situation): Section[] {
  const name = graftName(situation);
  const planned = !usersEmailConstraintStep.isDone(situation);
  if (!planned && !isOurs(situation, "constraint", name)) return [];
  const forget = forgetProvenance(situation.configuration.schema, [{ kind: "constraint", name }]);
  if (!constraintStands(situation) && ourIndex(situation) !== undefined) {
    return [dropIndex(situation, name), { transactional: true, lock: "NONE", statements: [forget] }];
  }
  const drop = `ALTER TABLE ${usersTable(situation)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`;
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", statements: [drop, forget] }];
}

/** Another index of that name is neither dropped nor made a constraint. */
function obstacles(situation: Situation): Finding[] {
  const name = graftName(situation);
  if (isOurs(situation, "constraint", name) && isForeign(situation)) {
    return [
      obstacle(
        "graft_constraint_changed",
        displayName(situation.users.schema, situation.users.name),
        `The constraint ${name} is on record as the graft's, and is another one: ${situation.users.constraints.find((one) => one.name === name)?.definition}.`,
        "The record was changed by hand, or the constraint was: put right which is wrong. Authgraft drops neither.",
      ),
    ];
  }
  if (usersEmailConstraintStep.isDone(situation) || isOurs(situation, "constraint", name)) return [];
  return nameTaken(situation, name);
}
