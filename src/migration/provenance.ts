import { qualify, quoteJson, quoteLiteral } from "../postgres/identifiers.ts";
import { PROVENANCE } from "./journal-tables.ts";
import type { ObjectKind, ProvenanceRow, Situation } from "./situation.ts";

/** The record about one object, or undefined. */
export function provenanceOf(
  situation: Situation,
  kind: ObjectKind,
  name: string,
): ProvenanceRow | undefined {
  return situation.graft?.provenance?.find((row) => row.kind === kind && row.name === name);
}

/** The record about the graft as a whole. */
export function schemaRecord(situation: Situation): ProvenanceRow | undefined {
  return situation.graft?.provenance?.find((row) => row.kind === "schema");
}

/** Whether the record says that the graft made this object. */
export function isOurs(situation: Situation, kind: ObjectKind, name: string): boolean {
  return provenanceOf(situation, kind, name)?.origin === "graft";
}

/** The names of the graft's own objects of a kind, as they are on record. */
export function ownNames(situation: Situation, kind: ObjectKind): string[] {
  const rows = situation.graft?.provenance ?? [];
  return rows.filter((row) => row.kind === kind && row.origin === "graft").map(({ name }) => name);
}

/** The name under which the graft made an object: the users table may have been renamed since. */
export function ownName(situation: Situation, kind: ObjectKind, otherwise: string): string {
  return ownNames(situation, kind)[0] ?? otherwise;
}

/** What the archive of an earlier `down --archive` remembers about one object. */
export function archivedProvenanceOf(
  situation: Situation,
  kind: ObjectKind,
  name: string,
): ProvenanceRow | undefined {
  return situation.archive?.provenance.find((row) => row.kind === kind && row.name === name);
}

/**
 * The statement that records whose objects these are, to stand in the transaction that changes them. The moment is the
 * statement's own: the transaction may have waited for its locks.
 */
export function recordProvenance(schema: string, rows: readonly ProvenanceRow[]): string {
  const values = rows.map(
    (row) =>
      `(${[row.kind, row.name, row.origin].map(quoteLiteral).join(", ")}, ${json(row.before)}, ${json(row.made)}, ${quoteLiteral(row.step)}, clock_timestamp())`,
  );
  return (
    `INSERT INTO ${qualify(schema, PROVENANCE.name)} ("kind", "name", "origin", "before", "made", "step", "recorded_at")\n` +
    `VALUES ${values.join(",\n       ")}\n` +
    `ON CONFLICT ("kind", "name") DO UPDATE\n` +
    `  SET ("origin", "before", "made", "step", "recorded_at") =\n` +
    `    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at")`
  );
}

/** The statement that forgets objects, to stand in the transaction that takes them out. */
export function forgetProvenance(
  schema: string,
  objects: readonly { readonly kind: ObjectKind; readonly name: string }[],
): string {
  const pairs = objects.map(({ kind, name }) => `(${quoteLiteral(kind)}, ${quoteLiteral(name)})`);
  return `DELETE FROM ${qualify(schema, PROVENANCE.name)} WHERE ("kind", "name") IN (${pairs.join(", ")})`;
}

function json(value: Readonly<Record<string, unknown>> | null): string {
  return value === null ? "NULL" : quoteJson(value);
}
