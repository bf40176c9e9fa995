import { type FilledTable, makeSample, type Sample } from "./sample.ts";
import type { Column, Row, SampleName, SampleOptions } from "./shape.ts";

/** How a dump writes its rows: as pg_dump does by default, or as its `--inserts` does. */
export type DumpStyle = "copy" | "inserts";

export interface DumpOptions extends SampleOptions {
  /** Default `copy`. */
  readonly style?: DumpStyle;
}

const HEADER = `--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

`;

const FOOTER = `--
-- PostgreSQL database dump complete
--

`;

/**
 * Writes a sample as the plain-SQL text that `pg_dump --no-owner` has: settings, tables, rows, sequences, then
 * constraints, indexes and foreign keys. In pieces, for a file or a pipe.
 * See https://www.postgresql.org/docs/current/app-pgdump.html
 */
export function* dumpSample(name: SampleName, options: DumpOptions = {}): Iterable<string> {
  const { style = "copy", ...sampleOptions } = options;
  const sample = makeSample(name, sampleOptions);
  yield HEADER;
  for (const entry of sample.beforeData) yield block(entry.name, entry.type, entry.sql);
  yield* dumpData(sample, style);
  for (const entry of sample.afterData) yield block(entry.name, entry.type, entry.sql);
  yield FOOTER;
}

function* dumpData(sample: Sample, style: DumpStyle): Iterable<string> {
  for (const table of sample.tables) {
    yield heading("Data for Name", table.name, "TABLE DATA");
    yield* style === "copy" ? copyBlock(table) : insertStatements(table);
    yield "\n\n";
  }
  for (const { name, lastValue } of sample.sequences) {
    const value = `${Math.max(lastValue, 1)}, ${lastValue > 0}`;
    yield block(name, "SEQUENCE SET", `SELECT pg_catalog.setval('public.${name}', ${value});`);
  }
}

function heading(label: string, name: string, type: string): string {
  return `--\n-- ${label}: ${name}; Type: ${type}; Schema: public; Owner: -\n--\n\n`;
}

function block(name: string, type: string, sql: string): string {
  return `${heading("Name", name, type)}${sql}\n\n\n`;
}

/** See https://www.postgresql.org/docs/current/sql-copy.html, "Text Format". */
function* copyBlock(table: FilledTable): Iterable<string> {
  yield `COPY public.${table.name} (${names(table)}) FROM stdin;\n`;
  for (const row of table.rows()) yield `${row.map(copyField).join("\t")}\n`;
  yield "\\.\n";
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function copyField(value: string | null): string {
  if (value === null) return "\\N";
  return value.replace(/[\\\b\f\n\r\t\v]/g, (character) => COPY_ESCAPES[character] ?? character);
}

function* insertStatements(table: FilledTable): Iterable<string> {
  for (const row of table.rows()) {
    const values = table.columns.map((column, index) => insertValue(column, row, index)).join(", ");
    yield `INSERT INTO public.${table.name} VALUES (${values});\n`;
  }
}

function insertValue(column: Column, row: Row, index: number): string {
  const value = row[index] ?? null;
  if (value === null) return "NULL";
  if (column.type === "integer" || column.type === "bigint") return value;
  if (column.type === "boolean") return value === "t" ? "true" : "false";
  // The header has set standard_conforming_strings: a backslash is a backslash.
  return `'${value.replaceAll("'", "''")}'`;
}

function names(table: FilledTable): string {
  return table.columns.map((column) => column.name).join(", ");
}
