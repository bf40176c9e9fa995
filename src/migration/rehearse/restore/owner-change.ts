import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { firstTokens, keyword, nameOf, type Token } from "./tokens.ts";

/** What stands in the database itself, not in a schema. */
const OF_THE_DATABASE = new Set(["SCHEMA", "PUBLICATION", "LANGUAGE"]);

/**
 * An `ALTER … OWNER TO role` as it goes through for a role without CREATE on the schema: with that, for as long as it
 * takes. Null for any other statement.
 *
 * @see https://www.postgresql.org/docs/current/sql-altertable.html
 */
export function ownerChange(sql: string, database: string): string | null {
  const list = firstTokens(sql, 2_000);
  const at = list.findIndex(
    (token, index) => keyword(token) === "OWNER" && keyword(list[index + 1]) === "TO",
  );
  const owner = list[at + 2];
  if (keyword(list[0]) !== "ALTER" || at === -1 || owner === undefined) return null;
  const place = OF_THE_DATABASE.has(keyword(list[1]))
    ? `DATABASE ${quoteIdentifier(database)}`
    : schemaOf(list.slice(0, at));
  const role = quoteIdentifier(nameOf(owner));
  if (place === null) return null;
  return `GRANT CREATE ON ${place} TO ${role};\n${sql}\n;REVOKE CREATE ON ${place} FROM ${role}`;
}

/**
 * A `CREATE`, or an `ALTER` that adds a constraint, as it goes through while the dump acts as a role without CREATE on the schema, in the same way. Null for
 * any other statement. `pg_dump --use-set-session-authorization` makes objects as their owner.
 *
 * @param role as SQL names it.
 */
export function creationBy(sql: string, role: string): string | null {
  const list = firstTokens(sql, 20);
  const place = /^(CREATE|ALTER)$/.test(keyword(list[0])) ? schemaOf(list) : null;
  if (place === null) return null;
  const grant = `RESET ROLE;GRANT CREATE ON ${place} TO ${role};SET ROLE ${role};\n`;
  return `${grant}${sql}\n;RESET ROLE;REVOKE CREATE ON ${place} FROM ${role};SET ROLE ${role}`;
}

/** The schema of the object: what stands before the first dot. */
function schemaOf(list: readonly Token[]): string | null {
  const dot = list.findIndex((token) => token.text === ".");
  const schema = list[dot - 1];
  return dot < 1 || schema === undefined ? null : `SCHEMA ${quoteIdentifier(nameOf(schema))}`;
}
