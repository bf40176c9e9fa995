import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { sqlState } from "../postgres/sqlstate.ts";
import type { Mapping } from "../users-table/mapping.ts";
import { type Column, findColumn, type Relation } from "../users-table/relation.ts";

/** The users table as the use cases see it: read once at start, every name quoted. */
export interface UsersTable {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly relation: Relation;
  readonly mapping: Mapping;
  /** The column of the primary key, quoted. */
  readonly id: string;
  /** The type that an id given as text is cast to; never one that cuts it. */
  readonly idType: string;
  /** `revoked_tokens`, beside the users table, quoted. */
  readonly revokedTokens: string;
  /** Tables of the graft's own schema, quoted. */
  readonly accounts: string;
  readonly sessions: string;
}

/** Quotes what the use cases need of a users table, its mapping and the schema of the graft. */
export function describeUsersTable(relation: Relation, mapping: Mapping, graftSchema: string): UsersTable {
  return {
    name: qualify(relation.schema, relation.name),
    relation,
    mapping,
    id: quoteIdentifier(mapping.id),
    idType: castType(findColumn(relation, mapping.id)),
    revokedTokens: qualify(relation.schema, "revoked_tokens"),
    accounts: qualify(graftSchema, "accounts"),
    sessions: qualify(graftSchema, "sessions"),
  };
}

/** A cast to varchar(26) cuts what is longer, silently: texts are compared as text. */
function castType(column: Column | undefined): string {
  switch (column?.baseType) {
    case "int2":
    case "int4":
    case "int8":
    case "uuid":
      return column.baseType;
    default:
      return "text";
  }
}

/** A column that plays a part, quoted and under the alias `u`; null where the table has none. */
export function columnOf(table: UsersTable, name: string | null): string | null {
  return findColumn(table.relation, name) === undefined || name === null
    ? null
    : `u.${quoteIdentifier(name)}`;
}

/** The condition that a row of the users table, under the alias `u`, is not marked as deleted. */
export function isAlive(table: UsersTable): string {
  const column = columnOf(table, table.mapping.deleted);
  if (column === null) return "true";
  const type = findColumn(table.relation, table.mapping.deleted)?.baseType;
  return type === "bool" ? `${column} IS NOT TRUE` : `${column} IS NULL`;
}

/** The condition that a row of the users table, under the alias `u`, has no password: NULL, or an empty text. */
export function hasNoPassword(table: UsersTable): string {
  return `nullif(u.${quoteIdentifier(table.mapping.password_hash)}::text, '') IS NULL`;
}

/** The condition that finds a row by its id, given as text in parameter `place`. */
export function hasId(table: UsersTable, place: number): string {
  return `u.${table.id} = $${place}::text::${table.idType}`;
}

/** The id is no value of the column's type (22P02) or out of its range (22003): nobody has it. */
export function isNoSuchId(error: unknown): boolean {
  return ["22P02", "22003"].includes(sqlState(error) ?? "");
}

/**
 * The condition that finds rows by email without regard to ASCII case: the expression of the graft's
 * unique index, so that look-alikes of other scripts stay apart whatever the database's locale.
 */
export function hasEmail(table: UsersTable, place: number): string {
  return `lower(u.${quoteIdentifier(table.mapping.email)} COLLATE "C") = lower($${place}::text COLLATE "C")`;
}
