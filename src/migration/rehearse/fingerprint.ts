import { createHash } from "node:crypto";
import { detectMapping } from "../../users-table/mapping.ts";
import type { Column, Policy, Relation } from "../../users-table/relation.ts";
import { expectedAfterDown } from "../down/expected.ts";
import { makePlan, type PlannedStep } from "../plan.ts";
import { provenanceOf } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import { REVOKED_TOKENS } from "../tables.ts";

/** A step of the plan and the SHA-256 over what it would run, in hexadecimal. */
export interface StepHash {
  readonly id: string;
  readonly hash: string;
}

/**
 * The SHA-256 over the statements of the whole plan as from before the graft, in hexadecimal: the same on a
 * database that is untouched, half grafted, grafted or interrupted, and on its copy on another server. Who owns
 * the table, who is connected and who was granted what is left out: a copy can have other roles.
 */
export function planHash(situation: Situation): string {
  return sha256(stepHashes(situation));
}

/** The same step by step, to tell which of them differs. */
export function stepHashes(situation: Situation): StepHash[] {
  return makePlan(beforeGraft(situation)).steps.map((step) => ({ id: step.id, hash: hashOf(step) }));
}

/**
 * The SHA-256 over the users table as it is without the graft, and over an adopted `revoked_tokens`, in hexadecimal.
 * Grants, owners, comments, sizes, invalid indexes and the roles of policies are left out: a dump does not carry
 * them all.
 */
export function schemaFingerprint(situation: Situation): string {
  const { users, revokedTokens } = beforeGraft(situation);
  return sha256([users, revokedTokens].map((relation) => (relation === null ? null : shapeOf(relation))));
}

function hashOf({ id, up, down }: PlannedStep): string {
  return sha256({ id, up, down });
}

const OWNER = "owner of the users table";

/** The situation as it was before anything of the graft stood, with the roles that a copy may lack made equal. */
function beforeGraft(situation: Situation): Situation {
  const users = { ...expectedAfterDown(situation, { keepNullable: [] }), owner: OWNER };
  const { configuration } = situation;
  return {
    ...situation,
    users,
    mapping: detectMapping(users, configuration.mapping),
    revokedTokens: adopted(situation),
    graft: null,
    takenNames: [],
    archive: null,
    defaultGrants: [],
    serverRole: serverRoleWithoutRights(situation),
    exposures: [],
    findings: [],
  };
}

function adopted(situation: Situation): Relation | null {
  const ours = provenanceOf(situation, "table", REVOKED_TOKENS.name)?.origin === "graft";
  return ours ? null : situation.revokedTokens;
}

function serverRoleWithoutRights({ configuration: { serverRole } }: Situation): Situation["serverRole"] {
  if (serverRole === undefined) return null;
  return {
    name: serverRole,
    exists: true,
    usesUsersSchema: false,
    usesGraftSchema: false,
    columns: [],
    tables: [],
  };
}

function shapeOf(relation: Relation) {
  const { schema, name, kind, persistence, rowSecurity, forceRowSecurity, replicaIdentity } = relation;
  return {
    ...{ schema, name, kind, persistence, rowSecurity, forceRowSecurity, replicaIdentity },
    replicaIdentityIndex: relation.replicaIdentityIndex,
    columns: relation.columns.map(columnShape),
    constraints: relation.constraints.map(({ references, ...constraint }) => constraint),
    indexes: relation.indexes
      .filter(({ valid }) => valid)
      .map(({ name: index, definition, constraint }) => ({ index, definition, constraint })),
    triggers: relation.triggers,
    policies: relation.policies.map(policyShape),
  };
}

/** A role that a copy has to do without is another one there; everybody is everybody everywhere. */
function policyShape({ roles, ...policy }: Policy) {
  return { ...policy, forEverybody: roles.includes("public") };
}

function columnShape({ number, acl, comment, notNullConstraint, ...column }: Column) {
  return { ...column, notNullName: notNullConstraint?.name ?? null };
}

function sha256(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
