import { qualify, quoteIdentifier } from "../../postgres/identifiers.ts";
import { isEmailIndex } from "../../users-table/email-index.ts";
import { displayName } from "../../users-table/find-table.ts";
import { missingColumns, requiredProviderColumns } from "../users-objects.ts";
import type { Subject } from "./check.ts";

/** The users table as a person writes its name. */
export function tableName({ users }: Subject): string {
  return displayName(users.schema, users.name);
}

/** The users table, quoted for SQL. */
export function tableSql({ users }: Subject): string {
  return qualify(users.schema, users.name);
}

/** A column of the users table as a person writes its name. */
export function columnName(subject: Subject, column: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(column);
  return `${tableName(subject)}.${plain ? column : quoteIdentifier(column)}`;
}

/** Whether the table already has the graft's unique index on the email without regard to ASCII case. */
export function hasEmailIndex({ users, mapping }: Subject): boolean {
  return users.indexes.some((index) => index.valid && isEmailIndex(index, mapping.email));
}

/** Whether the graft still has to change anything about the users table. */
export function isPending(subject: Subject): boolean {
  return (
    subject.provenance === null ||
    missingColumns(subject).length > 0 ||
    requiredProviderColumns(subject).length > 0 ||
    !hasEmailIndex(subject)
  );
}

/** Whether the server registers users. */
export function registers({ configuration }: Subject): boolean {
  return configuration.registration.mode !== "off";
}
