import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { findColumn, isUnique } from "../../users-table/relation.ts";
import type { UsersTable } from "../users-table.ts";

/** What a row is matched to a user by. */
export type Match = "id" | "username" | "email";

/** The condition that a row of the file, `s`, is the user of this alias. */
export function matches(table: UsersTable, part: Match, user: string): string {
  const { mapping } = table;
  if (part === "id") return `${user}.${table.id} = s.id`;
  if (part === "username") {
    return `${user}.${quoteIdentifier(mapping.username ?? "")} = ${asUsername(table, "s.username")}`;
  }
  return `${folded(`${user}.${quoteIdentifier(mapping.email)}`, part)} = ${folded("s.email", part)}`;
}

/** A value as it is compared: emails without regard to ASCII case, by the expression of the graft's index. */
export function folded(expression: string, part: Match): string {
  return part === "email" ? `lower(${expression} COLLATE "C")` : expression;
}

/** A `citext` compares without case only with another one. */
export function asUsername({ relation, mapping }: UsersTable, expression: string): string {
  const column = findColumn(relation, mapping.username);
  return column?.baseType === "citext" ? `${expression}::${column.type}` : expression;
}

/** Whether the table itself sees to it that a username is one user's. */
export function hasUniqueUsernames({ relation, mapping }: UsersTable): boolean {
  return mapping.username !== null && isUnique(relation, [mapping.username]);
}
