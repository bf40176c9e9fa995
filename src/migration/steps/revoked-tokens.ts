import { displayName } from "../../users-table/find-table.ts";
import { findColumn, type Relation } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import { FEED_FUNCTIONS } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { provenanceOf, recordProvenance } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import { findForeignKey } from "../table-sql.ts";
import { tableStep } from "../table-step.ts";
import { REVOKED_TOKENS } from "../tables.ts";

const made = tableStep({
  id: "revoked-tokens",
  table: REVOKED_TOKENS,
  reason: "A token is revoked by its jti; the row stays until the token would have expired.",
  loss: { where: () => "expires_at > now()", label: "revoked tokens that would live again" },
});

/** The table of revoked tokens; one that is already there is adopted when it fits, and refused when not. */
export const revokedTokensStep: Step = {
  ...made,
  title: (situation) =>
    isForeign(situation) ? "Adopt the revoked_tokens table that is there" : made.title(situation),
  up: (situation) => (isForeign(situation) ? [adoption(situation)] : made.up(situation)),
  obstacles: (situation) => [...made.obstacles(situation), ...misfits(situation)],
};

function isForeign(situation: Situation): boolean {
  return (
    situation.revokedTokens !== null && provenanceOf(situation, "table", REVOKED_TOKENS.name) === undefined
  );
}

function adoption(situation: Situation): Section {
  const record = recordProvenance(situation.configuration.schema, [
    {
      kind: "table",
      name: "revoked_tokens",
      origin: "application",
      before: null,
      made: null,
      step: "revoked-tokens",
    },
  ]);
  return { transactional: true, lock: "NONE", statements: [record] };
}

function misfits(situation: Situation): Finding[] {
  const relation = situation.revokedTokens;
  const origin = provenanceOf(situation, "table", REVOKED_TOKENS.name)?.origin;
  if (relation === null || origin === "graft") return [];
  const reasons = unfitness(situation, relation);
  if (reasons.length === 0) return [];
  const name = displayName(relation.schema, relation.name);
  return [
    obstacle(
      "revoked_tokens_unfit",
      name,
      `There is a ${name} already, and it does not fit: ${reasons.join("; ")}.`,
      `Rename it (ALTER TABLE ${name} RENAME TO …), or change it so that it fits; Authgraft does not alter a table it did not make.`,
    ),
  ];
}

/** Why a table of the application's own cannot serve as `revoked_tokens`; empty when it can. */
function unfitness(situation: Situation, relation: Relation): string[] {
  if (relation.kind !== "r") return ["it is not a plain table"];
  const other = relation.triggers.find(({ functionName }) => functionName === FEED_FUNCTIONS.revoked_tokens);
  if (other !== undefined && other.functionSchema !== situation.configuration.schema) {
    return [`it belongs to the graft in the schema ${other.functionSchema}, and a users table has one graft`];
  }
  const id = findColumn(situation.users, situation.mapping.id)?.type ?? "";
  return [
    ...typeMisfit(relation, "user_id", [id]),
    ...typeMisfit(relation, "jti", ["text", "character varying(255)", "character varying"]),
    ...typeMisfit(relation, "revoked_at", ["timestamp with time zone"]),
    ...typeMisfit(relation, "expires_at", ["timestamp with time zone"]),
    ...(findColumn(relation, "revoked_at")?.default === null ? ['"revoked_at" has no default'] : []),
    ...(hasUniqueJti(relation) ? [] : ['"jti" is not unique']),
    ...(findColumn(relation, "user_id")?.notNull
      ? ['"user_id" is NOT NULL, so a revocation would go with its user']
      : []),
    ...(findForeignKey(situation, REVOKED_TOKENS) === undefined
      ? ['"user_id" has no foreign key to the users table with ON UPDATE CASCADE ON DELETE SET NULL']
      : []),
    ...(relation.children.length > 0 ? ["other tables inherit from it"] : []),
    ...unfillable(relation),
  ];
}

function typeMisfit(relation: Relation, name: string, types: readonly string[]): string[] {
  const column = findColumn(relation, name);
  if (column === undefined) return [`there is no column "${name}"`];
  return types.includes(column.type) ? [] : [`"${name}" is ${column.type} where ${types[0]} is needed`];
}

function hasUniqueJti(relation: Relation): boolean {
  return relation.indexes.some(
    (index) => index.unique && index.valid && index.predicate === null && index.columns.join() === "jti",
  );
}

function unfillable(relation: Relation): string[] {
  const known = REVOKED_TOKENS.columns.map((column) => column.name);
  return relation.columns
    .filter(
      (column) =>
        column.notNull && column.default === null && column.identity === "" && column.generated === "",
    )
    .filter((column) => column.name === "id" || !known.includes(column.name))
    .map((column) => `"${column.name}" is NOT NULL without a default`);
}
