import { randomBytes } from "node:crypto";
import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../../postgres/identifiers.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Column } from "../../../users-table/relation.ts";
import { usersTable } from "../../names.ts";
import type { Situation } from "../../situation.ts";
import { type RowValues, readRowValues } from "../queries/row-values.ts";
import { explain } from "./gate-record.ts";

/** A user who signs in with a password. */
export interface PasswordUser {
  /** The key's value, as text. */
  readonly id: string;
}

/** That user, or why there is none. */
export type MadeUser =
  | { readonly user: PasswordUser }
  | {
      readonly user: null;
      readonly why: string;
      /** Whether the table itself takes none: a constraint, a policy, a trigger or a rule of the application's. */
      readonly kept: boolean;
    };

/** Keeps a row out without an error. */
class KeptOut extends Error {}

/**
 * Adds a user with a password. Where what the application asks of a new row is more than made-up values can meet, one
 * of its users is given a password in the place of their provider.
 */
export async function makePasswordUser(client: Queryable, situation: Situation): Promise<MadeUser> {
  try {
    return { user: await insertPasswordUser(client, situation) };
  } catch (error) {
    if (!isKept(error)) return { user: null, why: explain(error), kept: false };
    return convertUser(client, situation)
      .then((user) => ({ user }))
      .catch((second: unknown) => ({ user: null, why: explain(error), kept: isKept(second) }));
  }
}

/** Data exceptions, constraints, policies, rules that allow no RETURNING, and exceptions of functions. */
function isKept(error: unknown): boolean {
  if (error instanceof KeptOut) return true;
  const raised = error instanceof Error && "routine" in error && error.routine === "exec_stmt_raise";
  return raised || /^(22|23|P0|42501$|0A)/.test(sqlState(error) ?? "");
}

/**
 * Writes a user as registration does: an email, a hash, and no provider. A column that must have a value and gets
 * none there has one like those of the rows that stand.
 */
async function insertPasswordUser(client: Queryable, situation: Situation): Promise<PasswordUser> {
  const values = await readRowValues(client, situation.users);
  const written = new Map(situation.users.columns.flatMap((column) => sqlFor(situation, column, values)));
  const id = quoteIdentifier(situation.mapping.id);
  const { rows } = await client.query<PasswordUser>(
    `INSERT INTO ${usersTable(situation)} (${quoteIdentifiers([...written.keys()])}) VALUES (${[...written.values()].join(", ")}) RETURNING ${id}::text AS id`,
  );
  return oneOf(rows);
}

/** The last row, so that the first is what it was. */
async function convertUser(client: Queryable, situation: Situation): Promise<PasswordUser> {
  const { mapping, users } = situation;
  const ours = new Set([
    ...[mapping.email, mapping.password_hash],
    ...[mapping.auth_provider, mapping.auth_provider_id],
  ]);
  const set = users.columns
    .filter(({ name }) => ours.has(name))
    .flatMap((column) => sqlFor(situation, column, null))
    .map(([name, sql]) => `${quoteIdentifier(name)} = ${sql}`);
  const [table, id] = [usersTable(situation), quoteIdentifier(mapping.id)];
  const { rows } = await client.query<PasswordUser>(
    `UPDATE ${table} SET ${set.join(", ")} WHERE ${id} = (SELECT ${id} FROM ${table} ORDER BY ${id} DESC LIMIT 1) RETURNING ${id}::text AS id`,
  );
  return oneOf(rows);
}

function oneOf([user]: readonly PasswordUser[]): PasswordUser {
  if (user === undefined) throw new KeptOut("a trigger or a rule of the application's kept the new row out");
  return user;
}

function sqlFor(
  { mapping, configuration }: Situation,
  column: Column,
  values: RowValues | null,
): [string, string][] {
  const { name } = column;
  const configured = configuration.registration.values[name];
  if (name === mapping.email) return [[name, quoteLiteral(newEmail())]];
  if (name === mapping.password_hash) return [[name, quoteLiteral(unusableHash())]];
  if (name === mapping.auth_provider || name === mapping.auth_provider_id) return [[name, "NULL"]];
  if (configured !== undefined) return [[name, configuredValue(configured)]];
  const own = column.default !== null || column.identity !== "" || column.generated !== "";
  if (own || !column.notNull) return [];
  return [[name, literal(values?.fresh.get(name) ?? null)]];
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
