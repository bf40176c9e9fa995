import type { Queryable } from "../../../postgres/client.ts";
import { qualify, quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Token } from "../../../postgres/sql-tokens.ts";
import { readRelations } from "../../../users-table/read-relation.ts";
import { isName, isSign, isWord, words } from "../../findings/functions/statement.ts";
import { type RowValues, readRowValues } from "./row-values.ts";

/** A table that a statement names, and values for it. */
export interface NamedTable {
  /** As the statement calls it: the alias, or the name. */
  readonly called: string;
  readonly oid: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: RowValues;
}

const AFTER_A_TABLE = words(
  "where set values on using join inner left right full cross natural group order limit offset returning for union select default as with overriding when",
);

/** Reads tables and a row of each, once. */
export class TableValues {
  readonly #client: Queryable;
  readonly #known = new Map<string, Promise<Omit<NamedTable, "called"> | null>>();

  constructor(client: Queryable) {
    this.#client = client;
  }

  /** The tables that a statement names after FROM, JOIN, INTO and UPDATE, in order. */
  async namedIn(tokens: readonly Token[]): Promise<NamedTable[]> {
    const tables: NamedTable[] = [];
    for (const [index, token] of tokens.entries()) {
      if (!isWord(token, "from", "join", "into", "update", "using")) continue;
      const named = nameAt(tokens, index + 1);
      if (named === null) continue;
      const found = await this.#find(named.schema, named.name);
      if (found !== null) tables.push({ ...found, called: named.alias ?? found.name });
    }
    return tables;
  }

  #find(schema: string | null, name: string): Promise<Omit<NamedTable, "called"> | null> {
    const key = schema === null ? quoteIdentifier(name) : qualify(schema, name);
    const known = this.#known.get(key) ?? this.#read(key);
    this.#known.set(key, known);
    return known;
  }

  async #read(text: string): Promise<Omit<NamedTable, "called"> | null> {
    const { rows } = await this.#client.query<{ oid: string | null }>(
      "SELECT pg_catalog.to_regclass($1)::oid::text AS oid",
      [text],
    );
    const oid = rows[0]?.oid ?? null;
    if (oid === null) return null;
    const [relation] = await readRelations(this.#client, [oid]);
    if (relation === undefined || !["r", "p"].includes(relation.kind)) return null;
    const columns = relation.columns.map((column) => column.name);
    return { oid, name: relation.name, columns, values: await readRowValues(this.#client, relation) };
  }
}

interface NameInStatement {
  readonly schema: string | null;
  readonly name: string;
  readonly alias: string | null;
}

function nameAt(tokens: readonly Token[], from: number): NameInStatement | null {
  const start = isWord(tokens[from], "only") ? from + 1 : from;
  const first = tokens[start];
  if (!isName(first)) return null;
  const second = isSign(tokens[start + 1], ".") ? tokens[start + 2] : undefined;
  const end = isName(second) ? start + 3 : start + 1;
  const place = isWord(tokens[end], "as") ? end + 1 : end;
  const alias = tokens[place];
  const called = isName(alias) && !(alias.kind === "word" && AFTER_A_TABLE.has(alias.text));
  return {
    schema: isName(second) ? first.text : null,
    name: isName(second) ? second.text : first.text,
    alias: called ? alias.text : null,
  };
}

/** The table of a statement that has the column: the one it is qualified with, or the first. */
export function tableWith(
  tables: readonly NamedTable[],
  column: string,
  qualifier: string | null,
): NamedTable | undefined {
  return tables.find(
    ({ called, name, columns }) =>
      (qualifier === null || qualifier === called || qualifier === name) && columns.includes(column),
  );
}
