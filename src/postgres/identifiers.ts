/** PostgreSQL truncates longer names silently (NAMEDATALEN - 1, in bytes). */
const MAXIMUM_BYTES = 63;

/**
 * Quotes a name for SQL text, doubling the quotes inside it.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 */
export function quoteIdentifier(name: string): string {
  if (name.includes("\0")) throw new TypeError("a PostgreSQL name cannot hold a NUL character");
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a schema and a name inside it. */
export function qualify(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Quotes a list of names, separated by commas. */
export function quoteIdentifiers(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(", ");
}

/**
 * Quotes a text as a string constant that means the same whatever `standard_conforming_strings` says.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE
 */
export function quoteLiteral(value: string): string {
  if (value.includes("\0")) throw new TypeError("a PostgreSQL text cannot hold a NUL character");
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes("\\") ? `E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** A value as a `jsonb` constant. */
export function quoteJson(value: unknown): string {
  return `${quoteLiteral(JSON.stringify(value))}::jsonb`;
}

/**
 * Puts a name together from a base and a suffix so that it fits PostgreSQL's 63 bytes: the base is cut,
 * never the suffix, and never in the middle of a character.
 */
export function nameWithSuffix(base: string, suffix: string): string {
  const room = MAXIMUM_BYTES - Buffer.byteLength(suffix);
  let cut = base;
  while (Buffer.byteLength(cut) > room) cut = [...cut].slice(0, -1).join("");
  return cut + suffix;
}

/** A table's name as a person may write it. */
export interface QualifiedName {
  readonly schema: string | null;
  readonly name: string;
}

/**
 * Reads `name`, `schema.name`, `"Quoted"."Name"`. What stands outside quotes is taken as it is written:
 * folding to lower case is tried by the look-up, not here. Returns null when the text is not a name.
 */
export function parseQualifiedName(text: string): QualifiedName | null {
  const part = `(?:"((?:[^"]|"")+)"|([^".]+))`;
  const match = new RegExp(`^(?:${part}\\.)?${part}$`, "u").exec(text.trim());
  if (match === null) return null;
  const [, quotedSchema, plainSchema, quotedName, plainName] = match;
  const name = unquote(quotedName, plainName);
  return name === null ? null : { schema: unquote(quotedSchema, plainSchema), name };
}

function unquote(quoted: string | undefined, plain: string | undefined): string | null {
  return quoted?.replaceAll('""', '"') ?? plain ?? null;
}
