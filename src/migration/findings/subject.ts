import { qualify, quoteIdentifier } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { findColumn, type Index } from "../../users-table/relation.ts";
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

/** A column that the graft still has to add, and what it adds. */
export interface Addition {
  readonly name: string;
  readonly definition: string;
}

/** The columns that the graft still has to add. */
export function additions({ users, mapping }: Subject): Addition[] {
  const text = "varchar(255)";
  const needed = [
    { name: mapping.email, definition: text },
    { name: mapping.password_hash, definition: text },
    ...(mapping.is_admin === null
      ? []
      : [{ name: mapping.is_admin, definition: "boolean NOT NULL DEFAULT false" }]),
  ];
  return needed.filter(({ name }) => findColumn(users, name) === undefined);
}

/** The provider columns that the graft still has to make nullable. */
export function relaxations({ users, mapping }: Subject): string[] {
  const providers = [mapping.auth_provider, mapping.auth_provider_id];
  return providers.filter((name): name is string => findColumn(users, name)?.notNull === true);
}

/** Whether the table already has the graft's unique index on the email without regard to ASCII case. */
export function hasEmailIndex({ users, mapping }: Subject): boolean {
  return users.indexes.some(
    (index) => index.unique && index.valid && index.immediate && isEmailIndex(index, mapping.email),
  );
}

function isEmailIndex(index: Index, email: string): boolean {
  const bare = (expression: string | null) => expression?.replaceAll(/::text|[()\s]/g, "") ?? null;
  const written = [email, quoteIdentifier(email)].map((name) => name.replaceAll(/[()\s]/g, ""));
  const [expression, predicate] = [bare(index.expressions), bare(index.predicate)];
  return written.some(
    (name) =>
      index.columns.length === 1 &&
      expression === `lower${name}COLLATE"C"` &&
      (predicate === null || predicate === `${name}ISNOTNULL`),
  );
}

/** Whether the graft still has to change anything about the users table. */
export function isPending(subject: Subject): boolean {
  return (
    subject.provenance === null ||
    additions(subject).length > 0 ||
    relaxations(subject).length > 0 ||
    !hasEmailIndex(subject)
  );
}

/** Whether the server registers users. */
export function registers({ configuration }: Subject): boolean {
  return configuration.registration.mode !== "off";
}
