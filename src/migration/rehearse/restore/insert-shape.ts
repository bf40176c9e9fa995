/** An INSERT as pg_dump writes it, told at a glance: there are as many as rows. */
export interface InsertShape {
  /** The table, as written. */
  readonly table: string;
  /** Where the first row's parenthesis stands; 0 where the statement is not just VALUES. */
  readonly valuesAt: number;
}

const NAME = `(?:"(?:[^"]|"")*"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)`;
const INSERT = new RegExp(`INSERT\\s+INTO\\s+(${NAME}(?:\\.${NAME})?)`, "iy");
const VALUES =
  /\s*(?:\((?:[^()"]|"(?:[^"]|"")*")*\)\s*)?(?:OVERRIDING\s+(?:SYSTEM|USER)\s+VALUE\s+)?VALUES\s*(?=\()/iy;

/** Reads an INSERT; null for any other statement. */
export function insertShape(sql: string): InsertShape | null {
  INSERT.lastIndex = 0;
  const table = INSERT.exec(sql)?.[1];
  if (table === undefined) return null;
  VALUES.lastIndex = INSERT.lastIndex;
  const simple = VALUES.test(sql) && sql.endsWith(");");
  return { table: table.replaceAll(/"([a-z_][a-z0-9_$]*)"/g, "$1"), valuesAt: simple ? VALUES.lastIndex : 0 };
}

/**
 * Puts INSERTs that differ in their rows only into one with all the rows: PostgreSQL plans it once.
 *
 * @see https://www.postgresql.org/docs/current/sql-insert.html
 */
export function joinInserts(inserts: readonly { readonly sql: string; readonly valuesAt: number }[]): string {
  const parts: string[] = [];
  let open = "";
  for (const { sql, valuesAt } of inserts) {
    const beginning = sql.slice(0, valuesAt);
    const continues = valuesAt > 0 && beginning === open;
    if (parts.length > 0) parts.push(continues ? ",\n" : ";\n");
    parts.push(sql.slice(continues ? valuesAt : 0, -1));
    open = beginning;
  }
  return parts.join("");
}
