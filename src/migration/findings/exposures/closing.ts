import { qualify, quoteIdentifier, quoteIdentifiers } from "../../../postgres/identifiers.ts";
import type { Mapping } from "../../../users-table/mapping.ts";
import type { Relation } from "../../../users-table/relation.ts";
import type { Exposure } from "../../exposure.ts";
import { roleName } from "../evidence.ts";

/** The statements that take from one role what it should not have, and give back the rest by column. */
export interface Closing {
  /** A role's name, or `PUBLIC`. */
  readonly role: string;
  readonly revoke: readonly string[];
  readonly grant: readonly string[];
}

/** Whose rights are closed, on what. */
export interface Closable {
  readonly users: Relation;
  readonly mapping: Mapping;
  /** Every column the table has when the statements run; default: those it has now. */
  readonly columns?: readonly string[];
}

/** The columns that a right must not reach: nobody reads the hash, nobody writes it or makes administrators. */
export function guardedColumns(mapping: Mapping, privilege: Exposure["privilege"]): string[] {
  if (privilege === "TRUNCATE") return [];
  if (privilege === "SELECT" || mapping.is_admin === null) return [mapping.password_hash];
  return [mapping.password_hash, mapping.is_admin];
}

/** The rights that reach a guarded column: on the whole table, or on that column. */
export function reaching(exposures: readonly Exposure[], mapping: Mapping): Exposure[] {
  return exposures.filter(({ privilege, column }) => {
    const guarded = guardedColumns(mapping, privilege);
    return guarded.length > 0 && (column === null || guarded.includes(column));
  });
}

/**
 * The statements that close every exposure, role by role: each right on the whole table is revoked and
 * granted again on the columns that are not guarded, with the grant option where there was one. CASCADE
 * takes back what such a role had granted on; those roles have a closing of their own.
 *
 * A column-wise right fails on `SELECT *`: what a role reads has to be named then.
 */
export function closingStatements(exposures: readonly Exposure[], closable: Closable): Closing[] {
  const open = reaching(exposures, closable.mapping);
  const roles = [...new Set(open.map(({ role }) => role))];
  return roles.map((role) => {
    const own = open.filter((exposure) => exposure.role === role);
    return {
      role,
      revoke: own.map((exposure) => revoke(exposure, closable.users)),
      grant: own
        .filter(({ column }) => column === null)
        .flatMap((exposure) => grantRest(exposure, exposures, closable)),
    };
  });
}

function revoke({ role, privilege, column, grantable }: Exposure, users: Relation): string {
  const columns = column === null ? "" : ` (${quoteIdentifier(column)})`;
  return `REVOKE ${privilege}${columns} ON TABLE ${qualify(users.schema, users.name)} FROM ${roleName(role)}${grantable ? " CASCADE" : ""};`;
}

function grantRest(
  { role, privilege, grantable }: Exposure,
  exposures: readonly Exposure[],
  { users, mapping, columns = users.columns.map(({ name }) => name) }: Closable,
): string[] {
  const guarded = guardedColumns(mapping, privilege);
  const rest = columns.filter((name) => !guarded.includes(name));
  // REVOKE on the table takes the role's rights by column too: one that could be granted on stays so.
  const passed = exposures
    .filter((other) => other.role === role && other.privilege === privilege && other.grantable)
    .flatMap(({ column }) => (column === null ? rest : [column]))
    .filter((name) => rest.includes(name));
  const plain = rest.filter((name) => !grantable && !passed.includes(name));
  const on = (names: readonly string[], option: string) =>
    names.length === 0
      ? []
      : [
          `GRANT ${privilege} (${quoteIdentifiers(names)}) ON TABLE ${qualify(users.schema, users.name)} TO ${roleName(role)}${option};`,
        ];
  return [...on(plain, ""), ...on([...new Set(passed)], " WITH GRANT OPTION")];
}
