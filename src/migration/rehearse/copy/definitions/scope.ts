/**
 * What every question to the source's catalog is put together from. All of them run under a search path of
 * `pg_catalog` alone, so that `regclass`, `format_type` and `pg_get_*def` write names with their schemas.
 */

/** One object as PostgreSQL writes it back: the statement that makes it, or that sets something of it. */
export interface Definition {
  /** In PostgreSQL's words: `table`, `index`, `function` … */
  readonly kind: string;
  readonly name: string;
  /** One statement, or several that hold together. */
  readonly sql: string;
}

/** Whether a schema is one of the application's, or of the graft. */
export function inScope(namespace: string): string {
  return `${namespace} IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')`;
}

/** Whether an object is nobody's part: those of an extension come with the extension, inner ones with what they serve. */
export function standsAlone(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend part WHERE part.classid = '${catalog}'::regclass AND part.objid = ${oid}
    AND (part.deptype = 'e' OR part.deptype = 'i' AND '${catalog}' IN ('pg_proc', 'pg_type')))`;
}

/** Whether a relation is one to copy: `alias` is of `pg_class`. */
export function isCopied(alias: string): string {
  return `${inScope(`${alias}.relnamespace`)} AND ${standsAlone("pg_class", `${alias}.oid`)}`;
}

/** A column of a catalog that not every version has; null where it is missing. */
export function ifThere(alias: string, column: string): string {
  return `(to_jsonb(${alias}) ->> '${column}')`;
}

/** Options as they stand in a catalog (`{fillfactor=80}`), as SQL writes them; null where there are none. */
export function optionList(options: string, prefix = ""): string {
  return `(SELECT string_agg(format('${prefix}%s = %L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
    FROM unnest(${options}) o)`;
}
