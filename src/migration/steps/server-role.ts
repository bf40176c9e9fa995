import { quoteIdentifier, quoteIdentifiers } from "../../postgres/identifiers.ts";
import type { Finding } from "../finding.ts";
import { tableName, usersTable } from "../names.ts";
import { obstacle } from "../obstacle.ts";
import { forgetProvenance, provenanceOf, recordProvenance } from "../provenance.ts";
import {
  addedToWhole,
  type ColumnGrant,
  holdsTables,
  missingColumnGrants,
  surplusColumnGrants,
  TABLE_PRIVILEGES,
  type TableGrant,
} from "../server-privileges.ts";
import type { ProvenanceRow, ServerRole, Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import { findGraftTable } from "../table-sql.ts";

const ID = "server-role";

/** What the server's own role needs, and no more; by configuration. */
export const serverRoleStep: Step = {
  id: ID,
  title: (situation) => `Let the role ${situation.serverRole?.name ?? ""} serve sign-in`,
  reason: () =>
    "The server changes no schema, so it needs no owner's rights: these privileges are all it uses.",
  isWanted: (situation) => situation.serverRole !== null,
  isDone,
  isPresent: (situation) => grants(situation).length > 0,
  up: (situation) =>
    situation.serverRole === null || isDone(situation) ? [] : [grantSection(situation, situation.serverRole)],
  down: (situation) => [revokeSection(situation)],
  obstacles,
  losses: () => [],
  fences: () => [],
};

function isDone(situation: Situation): boolean {
  const role = situation.serverRole;
  if (role === null) return true;
  return (
    provenanceOf(situation, "grant", role.name) !== undefined &&
    role.usesGraftSchema &&
    role.usesUsersSchema &&
    holdsTables(role) &&
    missingColumnGrants(situation, role).length === 0 &&
    surplusColumnGrants(situation, grantedColumns(situation, role)).length === 0
  );
}

/** What is on record as granted to the role on columns of the users table. */
function grantedColumns(situation: Situation, { name }: ServerRole): readonly ColumnGrant[] {
  return (provenanceOf(situation, "grant", name)?.made?.columns as ColumnGrant[] | undefined) ?? [];
}

/** Grants on record; the role may have been another when they were made. */
function grants(situation: Situation): readonly ProvenanceRow[] {
  return situation.graft?.provenance?.filter((row) => row.kind === "grant") ?? [];
}

function grantSection(situation: Situation, role: ServerRole): Section {
  const to = quoteIdentifier(role.name);
  const columns = missingColumnGrants(situation, role);
  const granted = grantedColumns(situation, role);
  const surplus = surplusColumnGrants(situation, granted);
  const usersSchema = role.usesUsersSchema ? [] : [situation.users.schema];
  const known = provenanceOf(situation, "grant", role.name)?.made;
  const made = {
    columns: [...withoutColumns(granted, surplus), ...columns],
    schemas: [...((known?.schemas as string[] | undefined) ?? []), ...usersSchema],
  };
  const row: ProvenanceRow = {
    kind: "grant",
    name: role.name,
    origin: "graft",
    before: null,
    made,
    step: ID,
  };
  return {
    transactional: true,
    lock: "NONE",
    statements: [
      ...[situation.configuration.schema, ...usersSchema].map(
        (schema) => `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${to}`,
      ),
      ...columns.map((grant) => `GRANT ${columnList(grant)} ON ${usersTable(situation)} TO ${to}`),
      ...surplus.map((grant) => `REVOKE ${columnList(grant)} ON ${usersTable(situation)} FROM ${to}`),
      ...addedToWhole(role).map((table) => `REVOKE INSERT ON ${tableName(situation, table)} FROM ${to}`),
      ...TABLE_PRIVILEGES.map(
        (grant) => `GRANT ${privilegeList(grant)} ON ${tableName(situation, grant.table)} TO ${to}`,
      ),
      recordProvenance(situation.configuration.schema, [row]),
    ],
  };
}

function withoutColumns(granted: readonly ColumnGrant[], surplus: readonly ColumnGrant[]): ColumnGrant[] {
  const isKept = (column: string, privilege: ColumnGrant["privilege"]) =>
    !surplus.some((grant) => grant.privilege === privilege && grant.columns.includes(column));
  return granted
    .map(({ privilege, columns }) => ({
      privilege,
      columns: columns.filter((column) => isKept(column, privilege)),
    }))
    .filter(({ columns }) => columns.length > 0);
}

function columnList({ privilege, columns }: ColumnGrant): string {
  return `${privilege} (${quoteIdentifiers(columns)})`;
}

function privilegeList({ privileges, added }: TableGrant): string {
  const columns = added === undefined ? [] : [columnList({ privilege: "INSERT", columns: added })];
  return [...privileges, ...columns].join(", ");
}

/** Takes back what was granted, and nothing that the role had before. */
function revokeSection(situation: Situation): Section {
  const { schema } = situation.configuration;
  const rows = grants(situation);
  const statements = rows.flatMap((row) => {
    const from = quoteIdentifier(row.name);
    const columns = (row.made?.columns as ColumnGrant[] | undefined) ?? [];
    const schemas = (row.made?.schemas as string[] | undefined) ?? [];
    return [
      ...TABLE_PRIVILEGES.filter(({ table }) => findGraftTable(situation, table) !== undefined).map(
        (grant) => `REVOKE ${privilegeList(grant)} ON ${tableName(situation, grant.table)} FROM ${from}`,
      ),
      ...columns.map((grant) => `REVOKE ${columnList(grant)} ON ${usersTable(situation)} FROM ${from}`),
      ...[schema, ...schemas].map((name) => `REVOKE USAGE ON SCHEMA ${quoteIdentifier(name)} FROM ${from}`),
    ];
  });
  const forget = forgetProvenance(
    schema,
    rows.map(({ kind, name }) => ({ kind, name })),
  );
  return { transactional: true, lock: "NONE", statements: rows.length === 0 ? [] : [...statements, forget] };
}

function obstacles({ serverRole }: Situation): Finding[] {
  if (serverRole === null || serverRole.exists) return [];
  const name = quoteIdentifier(serverRole.name);
  return [
    obstacle(
      "server_role_missing",
      serverRole.name,
      `The configuration names the role ${serverRole.name} for the server, and there is no such role.`,
      `Make it: CREATE ROLE ${name} LOGIN; or take "serverRole" out of the configuration.`,
    ),
  ];
}
