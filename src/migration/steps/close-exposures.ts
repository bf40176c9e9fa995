import { quoteIdentifiers } from "../../postgres/identifiers.ts";
import { findColumn } from "../../users-table/relation.ts";
import type { Exposure } from "../exposure.ts";
import { roleName } from "../findings/evidence.ts";
import { closingStatements, guardedColumns, reaching } from "../findings/exposures/closing.ts";
import { usersTable } from "../names.ts";
import { forgetProvenance, provenanceOf, recordProvenance } from "../provenance.ts";
import type { ProvenanceRow, Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import { missingColumns } from "../users-objects.ts";

const ID = "close-exposures";

/** The one record of this step: what rights there were, and which column rights stand in for them. */
const RECORD = "users";

/** Rights on columns that were granted in place of a right on the whole table. */
interface Substitute {
  readonly role: string;
  readonly privilege: Exposure["privilege"];
  readonly columns: readonly string[];
}

/** Takes the hash and is_admin out of the reach of roles that hold rights on the whole table; by configuration. */
export const closeExposuresStep: Step = {
  id: ID,
  title: () => "Keep other roles from reading hashes and making administrators",
  reason: () =>
    "A right on the whole table covers columns added later: each such right is replaced by rights on all the other columns.",
  isWanted: (situation) => situation.configuration.closeExposures,
  isDone: (situation) => open(situation).length === 0,
  isPresent: (situation) => provenanceOf(situation, "rights", RECORD) !== undefined,
  up: (situation) => (open(situation).length === 0 ? [] : [closing(situation)]),
  down,
  obstacles: () => [],
  losses: () => [],
  fences: () => [],
};

function open(situation: Situation): Exposure[] {
  return reaching(situation.exposures, situation.mapping);
}

function closing(situation: Situation): Section {
  const columns = [
    ...situation.users.columns.map(({ name }) => name),
    ...missingColumns(situation).map(({ name }) => name),
  ];
  const closings = closingStatements(situation.exposures, { ...situation, columns });
  const statements = closings.flatMap(({ revoke, grant }) => [...revoke, ...grant]);
  return {
    transactional: true,
    lock: "NONE",
    statements: [
      ...statements.map((statement) => statement.replace(/;$/, "")),
      recordProvenance(situation.configuration.schema, [record(situation, columns)]),
    ],
  };
}

function record(situation: Situation, columns: readonly string[]): ProvenanceRow {
  const earlier = provenanceOf(situation, "rights", RECORD);
  const before = { exposures: [...exposuresOf(earlier), ...open(situation)] };
  const made = { substitutes: [...substitutesOf(earlier), ...substitutes(situation, columns)] };
  return { kind: "rights", name: RECORD, origin: "graft", before, made, step: ID };
}

/** The columns on which a role had no right of its own before the right on the whole table went. */
function substitutes(situation: Situation, columns: readonly string[]): Substitute[] {
  return open(situation)
    .filter((exposure) => exposure.column === null)
    .map(({ role, privilege }) => {
      const own = situation.exposures.filter((other) => other.role === role && other.privilege === privilege);
      const kept = [...guardedColumns(situation.mapping, privilege), ...own.map(({ column }) => column)];
      return { role, privilege, columns: columns.filter((name) => !kept.includes(name)) };
    });
}

function exposuresOf(row: ProvenanceRow | undefined): Exposure[] {
  return (row?.before?.exposures as Exposure[] | undefined) ?? [];
}

function substitutesOf(row: ProvenanceRow | undefined): Substitute[] {
  return (row?.made?.substitutes as Substitute[] | undefined) ?? [];
}

/** Gives the rights back as they were; a right on a column that is gone cannot be given, nor need it be. */
function down(situation: Situation): Section[] {
  const row = provenanceOf(situation, "rights", RECORD);
  if (row === undefined) return [];
  const stands = (name: string) => findColumn(situation.users, name) !== undefined;
  const table = usersTable(situation);
  const revokes = substitutesOf(row)
    .map((substitute) => ({ ...substitute, columns: substitute.columns.filter(stands) }))
    .map(
      ({ role, privilege, columns }) =>
        `REVOKE ${privilege} (${quoteIdentifiers(columns)}) ON TABLE ${table} FROM ${roleName(role)}`,
    );
  const grants = exposuresOf(row)
    .filter(({ column }) => column === null || stands(column))
    .map(({ role, privilege, column, grantable }) => {
      const on = column === null ? "" : ` (${quoteIdentifiers([column])})`;
      return `GRANT ${privilege}${on} ON TABLE ${table} TO ${roleName(role)}${grantable ? " WITH GRANT OPTION" : ""}`;
    });
  const forget = forgetProvenance(situation.configuration.schema, [row]);
  return [{ transactional: true, lock: "NONE", statements: [...revokes, ...grants, forget] }];
}
