import { qualify, quoteIdentifier } from "../../postgres/identifiers.ts";
import { isEmailIndex } from "../../users-table/email-index.ts";
import { displayName } from "../../users-table/find-table.ts";
import type { Index } from "../../users-table/relation.ts";
import { dropIndex } from "../drop-index.ts";
import type { Finding } from "../finding.ts";
import { nameTaken } from "../name-taken.ts";
import { emailIndexName, usersTable } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { forgetProvenance, isOurs, ownName, provenanceOf, recordProvenance } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";

const ID = "users-email-index";

/** Emails are unique without regard to ASCII case, by an index that every look-up by email uses too. */
export const usersEmailIndexStep: Step = {
  id: ID,
  title: (situation) => `Build the unique index on ${situation.mapping.email} without regard to case`,
  reason: () =>
    "Built CONCURRENTLY: reads and writes go on. It is partial, so a new, empty column costs nothing to index.",
  isWanted: () => true,
  isDone: (situation) =>
    standing(situation) !== undefined &&
    provenanceOf(situation, "index", recordName(situation)) !== undefined,
  isPresent: (situation) => provenanceOf(situation, "index", recordName(situation)) !== undefined,
  up,
  down,
  obstacles,
  losses: () => [],
  fences: () => [],
};

/** A valid index that does the work: the graft's, or one the application had of the same definition. */
function standing(situation: Situation): Index | undefined {
  return situation.users.indexes.find((index) => index.valid && serves(situation, index));
}

function serves({ mapping }: Situation, index: Index): boolean {
  return isEmailIndex(index, mapping.email);
}

/** The name of the graft's own: as it is on record, or as it will be made. */
function graftName(situation: Situation): string {
  return ownName(situation, "index", emailIndexName(situation));
}

/** The name under which it is on record: what stands, or what will be made. */
function recordName(situation: Situation): string {
  return standing(situation)?.name ?? graftName(situation);
}

function up(situation: Situation): Section[] {
  const found = standing(situation);
  if (found !== undefined) {
    const known = provenanceOf(situation, "index", found.name) !== undefined;
    return known ? [] : [record(situation, found.name, "application")];
  }
  const name = graftName(situation);
  const leftover = indexOnUsers(situation, name) !== undefined;
  return [
    ...(isOurs(situation, "index", name) ? [] : [record(situation, name, "graft")]),
    ...(leftover ? [dropIndex(situation, name)] : []),
    {
      transactional: false,
      lock: "SHARE UPDATE EXCLUSIVE",
      builds: { schema: situation.users.schema, index: name },
      statements: [createIndex(situation, name)],
    },
  ];
}

/** The record stands before the build: a build that is cut short leaves an index that is known to be ours. */
function record(situation: Situation, name: string, origin: "graft" | "application"): Section {
  const row = { kind: "index" as const, name, origin, before: null, made: null, step: ID };
  return {
    transactional: true,
    lock: "NONE",
    statements: [recordProvenance(situation.configuration.schema, [row])],
  };
}

function createIndex(situation: Situation, name: string): string {
  const email = quoteIdentifier(situation.mapping.email);
  return (
    `CREATE UNIQUE INDEX CONCURRENTLY ${quoteIdentifier(name)} ON ${usersTable(situation)} ` +
    `(lower(${email} COLLATE "C")) WHERE ${email} IS NOT NULL`
  );
}

function down(situation: Situation): Section[] {
  const name = recordName(situation);
  const forget: Section = {
    transactional: true,
    lock: "NONE",
    statements: [forgetProvenance(situation.configuration.schema, [{ kind: "index", name }])],
  };
  const known = provenanceOf(situation, "index", name);
  if (known?.origin === "application") return [forget];
  // An index of that name on another table is another's, whatever a build that failed has left on record.
  if (known !== undefined && indexOnUsers(situation, name) === undefined) return [forget];
  return [dropIndex(situation, name), forget];
}

function indexOnUsers({ users }: Situation, name: string): Index | undefined {
  return users.indexes.find((index) => index.name === name);
}

/** Another index or relation that has the name already; ours is never put beside or in place of it. */
function obstacles(situation: Situation): Finding[] {
  if (standing(situation) !== undefined) return [];
  const name = graftName(situation);
  const holder = indexOnUsers(situation, name);
  if (holder === undefined) return nameTaken(situation, name);
  if (!isOurs(situation, "index", name)) return serves(situation, holder) ? [] : nameTaken(situation, name);
  // A build that failed leaves it invalid; one that is valid and does other work, somebody made.
  return holder.valid ? [changed(situation, name)] : [];
}

function changed({ users, mapping }: Situation, name: string): Finding {
  return obstacle(
    "graft_index_changed",
    `${displayName(users.schema, users.name)}.${name}`,
    `The index ${name} is on record as the graft's, but is not the one that it made: it is not unique over ${mapping.email} without regard to case.`,
    `Give it another name (ALTER INDEX ${qualify(users.schema, name)} RENAME TO …) or drop it; Authgraft drops no index that it did not make.`,
  );
}
