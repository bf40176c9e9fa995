import type { SeededRandom } from "./random.ts";

/** Which sample: `a` has usernames only, `b` has accounts made by OAuth. */
export type SampleName = "a" | "b";

/** What a sample is made with. The same options give the same bytes. */
export interface SampleOptions {
  /** Default 10,000. */
  readonly users?: number;
  /** Default 1. */
  readonly seed?: number;
  /** In B: how many users have an email that differs from another's in ASCII case only. Default 0. */
  readonly emailCaseDuplicates?: number;
}

/** One thing of a schema, as a dump lists it. */
export interface SchemaEntry {
  readonly name: string;
  /** As pg_dump calls it: `TABLE`, `SEQUENCE OWNED BY`, `FK CONSTRAINT` … */
  readonly type: string;
  readonly sql: string;
}

/** A row, each value in PostgreSQL's text form. */
export type Row = readonly (string | null)[];

export interface Column {
  readonly name: string;
  readonly type:
    | "integer"
    | "bigint"
    | "boolean"
    | "uuid"
    | "varchar"
    | "text"
    | "timestamptz"
    | "jsonb"
    | "inet";
}

/** A table and what is in it. `users` are the rows of the users table, for what refers to them. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: (users: readonly Row[], random: SeededRandom) => Iterable<Row>;
}

/** A database before Authgraft came to it. Entries and tables are in the order of a dump. */
export interface Shape {
  readonly beforeData: readonly SchemaEntry[];
  readonly users: (options: Required<SampleOptions>) => readonly Row[];
  readonly tables: readonly Table[];
  /** Sequence name → the table whose first column it fills. */
  readonly sequences: Readonly<Record<string, string>>;
  readonly afterData: readonly SchemaEntry[];
}

/** Reads `name type` pairs: `columns("id integer", "username varchar")`. */
export function columns(...pairs: readonly `${string} ${Column["type"]}`[]): readonly Column[] {
  return pairs.map((pair) => {
    const [name, type] = pair.split(" ") as [string, Column["type"]];
    return { name, type };
  });
}

/** The entries of a serial column called `id`, as pg_dump lists them. */
export function serialEntries(table: string, type: "integer" | "bigint"): readonly SchemaEntry[] {
  const name = `${table}_id_seq`;
  const as = type === "integer" ? "\n    AS integer" : "";
  return [
    {
      name,
      type: "SEQUENCE",
      sql: `CREATE SEQUENCE public.${name}${as}\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1;`,
    },
    { name, type: "SEQUENCE OWNED BY", sql: `ALTER SEQUENCE public.${name} OWNED BY public.${table}.id;` },
  ];
}

/** The entry that makes a serial column draw from its sequence. */
export function serialDefault(table: string): SchemaEntry {
  return {
    name: `${table} id`,
    type: "DEFAULT",
    sql: `ALTER TABLE ONLY public.${table} ALTER COLUMN id SET DEFAULT nextval('public.${table}_id_seq'::regclass);`,
  };
}

/** A table's entry from the lines of its columns. */
export function tableEntry(name: string, ...lines: readonly string[]): SchemaEntry {
  return { name, type: "TABLE", sql: `CREATE TABLE public.${name} (\n    ${lines.join(",\n    ")}\n);` };
}

/** A primary key's or a unique constraint's entry. */
export function constraintEntry(table: string, name: string, definition: string): SchemaEntry {
  return constraint(table, name, "CONSTRAINT", definition);
}

/** A foreign key's entry. */
export function foreignKeyEntry(table: string, name: string, definition: string): SchemaEntry {
  return constraint(table, name, "FK CONSTRAINT", `FOREIGN KEY ${definition}`);
}

function constraint(table: string, name: string, type: string, definition: string): SchemaEntry {
  const sql = `ALTER TABLE ONLY public.${table}\n    ADD CONSTRAINT ${name} ${definition};`;
  return { name: `${table} ${name}`, type, sql };
}

/** An index's entry. */
export function indexEntry(table: string, name: string, definition: string): SchemaEntry {
  return { name, type: "INDEX", sql: `CREATE INDEX ${name} ON public.${table} USING btree ${definition};` };
}
