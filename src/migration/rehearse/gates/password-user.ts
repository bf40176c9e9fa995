import { randomBytes } from "node:crypto";
import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../../postgres/identifiers.ts";
import { type Column, findColumn } from "../../../users-table/relation.ts";
import { usersTable } from "../../names.ts";
import type { Situation } from "../../situation.ts";
import { type RowValues, readRowValues } from "../queries/row-values.ts";

/** A user who signs in with a password, as registration makes them. */
export interface PasswordUser {
  /** The key's value, as text. */
  readonly id: string;
}

/**
 * Writes a user as registration does: an email, a hash, and no provider. A column that must have a value and gets
 * none there has one like those of the rows that stand. What PostgreSQL refuses is thrown as it is.
 */
export async function insertPasswordUser(client: Queryable, situation: Situation): Promise<PasswordUser> {
  const values = await readRowValues(client, situation.users);
  const written = new Map(situation.users.columns.flatMap((column) => sqlFor(situation, column, values)));
  const id = quoteIdentifier(situation.mapping.id);
  const { rows } = await client.query<PasswordUser>(
    `INSERT INTO ${usersTable(situation)} (${quoteIdentifiers([...written.keys()])}) VALUES (${[...written.values()].join(", ")}) RETURNING ${id}::text AS id`,
  );
  const [user] = rows;
  if (user === undefined) throw new Error("a trigger or a rule of the application's kept the new row out");
  return user;
}

/** Takes that user out again. */
export async function deletePasswordUser(
  client: Queryable,
  situation: Situation,
  { id }: PasswordUser,
): Promise<void> {
  const key = findColumn(situation.users, situation.mapping.id);
  await client.query(
    `DELETE FROM ${usersTable(situation)} WHERE ${quoteIdentifier(situation.mapping.id)} = ${quoteLiteral(id)}::${key?.type ?? "text"}`,
  );
}

function sqlFor(
  { mapping, configuration }: Situation,
  column: Column,
  values: RowValues,
): [string, string][] {
  const { name } = column;
  const configured = configuration.registration.values[name];
  if (name === mapping.email) return [[name, quoteLiteral(newEmail())]];
  if (name === mapping.password_hash) return [[name, quoteLiteral(unusableHash())]];
  if (name === mapping.auth_provider || name === mapping.auth_provider_id) return [[name, "NULL"]];
  if (configured !== undefined) return [[name, configuredValue(configured)]];
  const own = column.default !== null || column.identity !== "" || column.generated !== "";
  if (own || !column.notNull) return [];
  return [[name, literal(values.fresh.get(name) ?? null)]];
}

function configuredValue(
  value: NonNullable<Situation["configuration"]["registration"]["values"][string]> | null,
): string {
  if (value === null) return "NULL";
  return typeof value === "object" ? `(${value.sql})` : quoteLiteral(String(value));
}

function literal(value: string | null): string {
  return value === null ? "NULL" : quoteLiteral(value);
}

function newEmail(): string {
  return `authgraft-${randomBytes(6).toString("hex")}@example.com`;
}

/** Looks like bcrypt's; there is no password behind it. */
function unusableHash(): string {
  return `$2b$10$${randomBytes(40).toString("base64").replaceAll(/[+=]/g, ".").slice(0, 53)}`;
}
