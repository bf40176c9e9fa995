import { quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import type { Relation } from "../../users-table/relation.ts";
import type { Evidence, Finding } from "../finding.ts";
import type { Query, Subject } from "./check.ts";

/** What a finding says besides how much it weighs. */
type Statement = Omit<Finding, "severity" | "acceptable">;

/** A refusal that nobody can wave through. */
export function refusal(statement: Statement): Finding {
  return { ...statement, severity: "refusal", acceptable: false };
}

/** A refusal that becomes a warning once a person has accepted its code. */
export function acceptableRefusal(statement: Statement): Finding {
  return { ...statement, severity: "refusal", acceptable: true };
}

/** Something to know, that stops nothing. */
export function warning(statement: Statement): Finding {
  return { ...statement, severity: "warning", acceptable: false };
}

/** What a check asked, in a form to paste into psql, and what it was told. */
export function evidence(query: Query, { users }: Subject, answer: string): Evidence {
  return { sql: pasteable(query, users), answer };
}

/** The evidence for what stands in the table's own row of `pg_class`. */
export function tableEvidence(subject: Subject, columns: string, answer: string): Evidence {
  const sql = `SELECT ${columns} FROM pg_catalog.pg_class WHERE oid = $1::oid`;
  return evidence({ sql, values: [subject.users.oid] }, subject, answer);
}

/** The evidence for what stands in a column's row of `pg_attribute`. */
export function columnEvidence(subject: Subject, name: string): Evidence {
  const sql = `SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull, attgenerated
    FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND attname = $2`;
  const column = subject.users.columns.find((candidate) => candidate.name === name);
  const traits = [
    column?.type,
    column?.notNull ? "NOT NULL" : undefined,
    column?.generated ? "generated" : undefined,
  ];
  const answer = column === undefined ? "no row" : traits.filter((trait) => trait !== undefined).join(", ");
  return evidence({ sql, values: [subject.users.oid, name] }, subject, answer);
}

/** The statement with its parameters put in, and the table by its name instead of its oid. */
function pasteable({ sql, values }: Query, users: Relation): string {
  // Names and texts in quotes are passed over: a column may be called "a$1".
  const text = sql.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\d+)(?:::oid)?/g, (whole, number?: string) =>
    number === undefined ? whole : constant(values[Number(number) - 1], users),
  );
  return dedent(text);
}

function constant(value: unknown, users: Relation): string {
  if (value === null || value === undefined) return "NULL";
  if (value === users.oid) return `${quoteLiteral(displayName(users.schema, users.name))}::regclass`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return quoteLiteral(`{${value.map(arrayElement).join(",")}}`);
  return quoteLiteral(String(value));
}

function arrayElement(value: unknown): string {
  return `"${String(value).replaceAll(/["\\]/g, "\\$&")}"`;
}

function dedent(text: string): string {
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .join("\n");
}

/** A list for a person, cut after `most`: `a, b, c and 7 more`. */
export function shorten(items: readonly string[], most = 10): string {
  const rest = items.length - most;
  return rest > 0 ? `${items.slice(0, most).join(", ")} and ${rest} more` : items.join(", ");
}

/** A role as GRANT takes it. */
export function roleName(role: string): string {
  return role === "PUBLIC" ? role : quoteIdentifier(role);
}
