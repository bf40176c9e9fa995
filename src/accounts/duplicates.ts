import type { Queryable } from "../postgres/client.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { SqlState, sqlState, violatedConstraint } from "../postgres/sqlstate.ts";
import type { Index } from "../users-table/relation.ts";
import type { FieldError } from "./fields/field-error.ts";
import type { Registration } from "./fields/registration-fields.ts";
import { hasEmail, type UsersTable } from "./users-table.ts";

const EMAIL_TAKEN: FieldError = {
  field: "email",
  code: "email_taken",
  message: "There is an account with this email already.",
};

const USERNAME_TAKEN: FieldError = {
  field: "username",
  code: "username_taken",
  message: "This username is taken.",
};

/**
 * Which of these another row has already, deleted ones included: their values are kept. A user's own row is none
 * where `besides` is its id.
 */
export async function findTaken(
  client: Queryable,
  table: UsersTable,
  { email, username }: Partial<Pick<Registration, "email" | "username">>,
  besides: string | null = null,
): Promise<FieldError[]> {
  const name = table.mapping.username;
  const named = name === null || username === undefined ? "false" : `u.${quoteIdentifier(name)} = $3`;
  const another = `($2::text IS NULL OR u.${table.id} <> $2::text::${table.idType})`;
  const { rows } = await client.query<{ email: boolean; username: boolean }>(
    `SELECT EXISTS (SELECT FROM ${table.name} u WHERE ${hasEmail(table, 1)} AND ${another}) AS email,
            EXISTS (SELECT FROM ${table.name} u WHERE ${named} AND ${another}) AS username`,
    [email ?? null, besides, ...(named === "false" ? [] : [username])],
  );
  const [found] = rows;
  return [...(found?.email ? [EMAIL_TAKEN] : []), ...(found?.username ? [USERNAME_TAKEN] : [])];
}

/**
 * What a failed INSERT or UPDATE says is taken: the application's own unique constraints and the graft's index,
 * recognised by the columns they cover, whatever they are called. Null where it is something else.
 */
export function takenByViolation(error: unknown, table: UsersTable): FieldError | null {
  if (sqlState(error) !== SqlState.uniqueViolation) return null;
  const name = violatedConstraint(error);
  const index = table.relation.indexes.find((candidate) => candidate.name === name);
  if (index === undefined) return null;
  if (covers(index, table.mapping.email)) return EMAIL_TAKEN;
  return table.mapping.username !== null && covers(index, table.mapping.username) ? USERNAME_TAKEN : null;
}

function covers(index: Index, column: string): boolean {
  return index.columns.includes(column) || mentions(index.expressions, column);
}

/** Expressions come back from the catalog with names quoted only where they must be. */
function mentions(expressions: string | null, column: string): boolean {
  const words: readonly string[] = expressions?.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [];
  return words.includes(column) || words.includes(quoteIdentifier(column));
}
