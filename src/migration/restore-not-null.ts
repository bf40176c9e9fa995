import { quoteIdentifier, quoteLiteral } from "../postgres/identifiers.ts";
import { findColumn } from "../users-table/relation.ts";
import { notNullCheckName, usersTable } from "./names.ts";
import { provenanceOf } from "./provenance.ts";
import type { Situation } from "./situation.ts";
import type { Section } from "./step.ts";
import { oldConstraint } from "./users-objects.ts";

/**
 * PostgreSQL 18 keeps NOT NULL as a constraint that can be added NOT VALID under its old name.
 *
 * @see https://www.postgresql.org/docs/18/sql-altertable.html
 */
export function restoreNamed(situation: Situation, names: readonly string[]): Section[] {
  const table = usersTable(situation);
  const added = names.filter(
    (name) => !findColumn(situation.users, name)?.notNull || isPlanned(situation, name),
  );
  const clauses = added.map((name) => {
    const constraint = quoteIdentifier(oldConstraint(situation, name).name);
    return `ADD CONSTRAINT ${constraint} NOT NULL ${quoteIdentifier(name)} NOT VALID`;
  });
  return [
    ...alterTable(table, clauses),
    ...names.map((name): Section => {
      const { name: constraint, comment } = oldConstraint(situation, name);
      const quoted = quoteIdentifier(constraint);
      const statements = [`ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoted}`];
      if (comment !== null)
        statements.push(`COMMENT ON CONSTRAINT ${quoted} ON ${table} IS ${quoteLiteral(comment)}`);
      return { transactional: true, lock: "SHARE UPDATE EXCLUSIVE", statements };
    }),
  ];
}

/** Whether the column is NOT NULL only because `up` has not run yet. */
function isPlanned(situation: Situation, name: string): boolean {
  return provenanceOf(situation, "not_null", name) === undefined;
}

/** Before 18: a CHECK that is validated without blocking lets SET NOT NULL skip its scan under the strong lock. */
export function restoreByCheck(situation: Situation, names: readonly string[]): Section[] {
  const table = usersTable(situation);
  const stands = (name: string) =>
    situation.users.constraints.some((constraint) => constraint.name === notNullCheckName(name));
  const clauses = names
    .filter((name) => !stands(name))
    .map(
      (name) =>
        `ADD CONSTRAINT ${quoteIdentifier(notNullCheckName(name))} CHECK (${quoteIdentifier(name)} IS NOT NULL) NOT VALID`,
    );
  return [
    ...alterTable(table, clauses),
    ...names.map(
      (name): Section => ({
        transactional: true,
        lock: "SHARE UPDATE EXCLUSIVE",
        statements: [`ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoteIdentifier(notNullCheckName(name))}`],
      }),
    ),
  ];
}

/** One ALTER TABLE with every clause, or none. */
function alterTable(table: string, clauses: readonly string[]): Section[] {
  if (clauses.length === 0) return [];
  const statement = `ALTER TABLE ${table}\n  ${clauses.join(",\n  ")}`;
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", statements: [statement] }];
}
