import { quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../../postgres/identifiers.ts";
import type { PublicationRow } from "./definitions/publications.ts";
import type { Definition } from "./definitions/scope.ts";

const ACTIONS: ReadonlySet<string> = new Set(["insert", "update", "delete", "truncate"]);

/** What makes publications of tables by name, conditions included. */
export function publicationStatements(rows: readonly PublicationRow[]): Definition[] {
  return rows
    .filter(({ allTables }) => !allTables)
    .map((row) => define(row, row.tables === null ? "" : ` FOR ${row.tables}`));
}

/** What takes a superuser: publications of everything, now and later. Put together from names alone. */
export function widePublicationStatements(rows: readonly PublicationRow[]): Definition[] {
  return rows.flatMap((row) => {
    const name = quoteIdentifier(row.name);
    const part = (sql: string): Definition => ({ kind: "publication", name: row.name, sql });
    return [
      ...(row.allTables ? [define(row, " FOR ALL TABLES")] : []),
      ...(row.schemas.length === 0
        ? []
        : [part(`ALTER PUBLICATION ${name} ADD TABLES IN SCHEMA ${quoteIdentifiers(row.schemas)}`)]),
      ...(row.comment === null
        ? []
        : [part(`COMMENT ON PUBLICATION ${name} IS ${quoteLiteral(row.comment)}`)]),
    ];
  });
}

function define({ name, actions, viaRoot, generated }: PublicationRow, subject: string): Definition {
  const parameters = [
    `publish = ${quoteLiteral(actions.filter((action) => ACTIONS.has(action)).join(", "))}`,
    ...(viaRoot ? ["publish_via_partition_root = true"] : []),
    ...(generated ? ["publish_generated_columns = stored"] : []),
  ];
  const sql = `CREATE PUBLICATION ${quoteIdentifier(name)}${subject} WITH (${parameters.join(", ")})`;
  return { kind: "publication", name, sql };
}
