import { findColumn } from "../users-table/relation.ts";
import { PROVENANCE } from "./journal-tables.ts";
import type { ColumnPrivilege, ServerRole, Situation, TablePrivilege } from "./situation.ts";
import type { TableDefinition } from "./table-definition.ts";
import {
  ACCOUNTS,
  AUDIT_LOG,
  MAIL_QUEUE,
  ONE_TIME_TOKENS,
  RATE_LIMITS,
  REVOCATIONS,
  REVOKED_TOKENS,
  SESSIONS,
  SIGNING_KEYS,
} from "./tables.ts";

/** A privilege on columns of the users table. */
export interface ColumnGrant {
  readonly privilege: ColumnPrivilege;
  readonly columns: readonly string[];
}

/** Privileges on a table of the graft. */
export interface TableGrant {
  readonly table: TableDefinition;
  readonly privileges: readonly TablePrivilege[];
  /** The columns that rows are added with, where the others are the database's alone to fill in. */
  readonly added?: readonly string[];
}

/** What the server does with each table of the graft, and no more. Locking rows (FOR UPDATE) takes UPDATE. */
export const TABLE_PRIVILEGES: readonly TableGrant[] = [
  { table: REVOKED_TOKENS, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { table: ACCOUNTS, privileges: ["SELECT", "INSERT", "UPDATE"] },
  { table: SESSIONS, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { table: SIGNING_KEYS, privileges: ["SELECT", "INSERT", "UPDATE"] },
  { table: REVOCATIONS, privileges: ["SELECT", "UPDATE", "DELETE"] },
  // Read back and added to, never changed, and with the time that it is: whoever takes the server over cannot cover that up.
  {
    ...{ table: AUDIT_LOG, privileges: ["SELECT"] },
    added: AUDIT_LOG.columns.map(({ name }) => name).filter((name) => !["id", "occurred_at"].includes(name)),
  },
  { table: ONE_TIME_TOKENS, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { table: MAIL_QUEUE, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { table: RATE_LIMITS, privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"] },
  { table: PROVENANCE, privileges: ["SELECT"] },
];

/** The privileges on the users table that the server needs and does not have yet. */
export function missingColumnGrants(situation: Situation, role: ServerRole): ColumnGrant[] {
  const held = (column: string, privilege: ColumnPrivilege) =>
    role.columns.some(({ name, privileges }) => name === column && privileges.includes(privilege));
  return neededColumnGrants(situation)
    .map(({ privilege, columns }) => ({
      privilege,
      columns: columns.filter((column) => !held(column, privilege)),
    }))
    .filter(({ columns }) => columns.length > 0);
}

/** Of the privileges on record as granted, those that the configuration has no use for any more. */
export function surplusColumnGrants(situation: Situation, granted: readonly ColumnGrant[]): ColumnGrant[] {
  const needed = neededColumnGrants(situation);
  const isSurplus = (column: string, privilege: ColumnPrivilege) =>
    findColumn(situation.users, column) !== undefined &&
    !needed.some((grant) => grant.privilege === privilege && grant.columns.includes(column));
  return granted
    .map(({ privilege, columns }) => ({
      privilege,
      columns: columns.filter((column) => isSurplus(column, privilege)),
    }))
    .filter(({ columns }) => columns.length > 0);
}

/** Whether the role may do with the graft's tables all that the server does, and adds to no column besides. */
export function holdsTables(role: ServerRole): boolean {
  return TABLE_PRIVILEGES.every(({ table, privileges, added }) => {
    const held = role.tables.find(({ name }) => name === table.name);
    if (held === undefined || !privileges.every((privilege) => held.privileges.includes(privilege)))
      return false;
    return added === undefined || (!held.addsWhole && added.every((column) => held.addsTo.includes(column)));
  });
}

/** The tables that the role was granted all columns of, and is to add to some of them only. */
export function addedToWhole(role: ServerRole): readonly TableDefinition[] {
  const isWhole = (table: TableDefinition) =>
    role.tables.some(({ name, addsWhole }) => name === table.name && addsWhole);
  return TABLE_PRIVILEGES.filter(({ table, added }) => added !== undefined && isWhole(table)).map(
    ({ table }) => table,
  );
}

/** Reading what an answer shows, writing what registration writes, changing what signing in changes. */
function neededColumnGrants(situation: Situation): ColumnGrant[] {
  const { mapping, configuration, users } = situation;
  const {
    id,
    username,
    email,
    password_hash,
    is_admin,
    admin,
    auth_provider,
    auth_provider_id,
    display_name,
  } = mapping;
  const present = (names: readonly (string | null | undefined)[]) => [
    ...new Set(names.filter((name): name is string => name != null && findColumn(users, name) !== undefined)),
  ];
  const written = [
    username,
    email,
    password_hash,
    auth_provider,
    auth_provider_id,
    display_name,
    mapping.created_at,
  ];
  const generated = configuration.registration.generateId === undefined ? null : id;
  // Where the column's default is false the server never names it, so it cannot make an administrator either.
  const adminWithoutDefault = findColumn(users, is_admin)?.default === "false" ? null : is_admin;
  const promoted = configuration.administration.promotion ? is_admin : null;
  return [
    {
      privilege: "SELECT",
      columns: present([id, ...written, is_admin, admin?.column, mapping.deleted]),
    },
    {
      privilege: "INSERT",
      columns: present([
        generated,
        ...written,
        adminWithoutDefault,
        ...Object.keys(configuration.registration.values),
      ]),
    },
    { privilege: "UPDATE", columns: present([password_hash, email, username, display_name, promoted]) },
  ];
}
