import type { Configuration } from "../../config/schema.ts";
import type { Queryable } from "../../postgres/client.ts";
import type { Mapping } from "../../users-table/mapping.ts";
import type { Relation } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import type { Privileges, ProvenanceRow, ServerFacts } from "../situation.ts";

export interface Subject {
  readonly server: ServerFacts;
  readonly configuration: Configuration;
  readonly users: Relation;
  readonly mapping: Mapping;
  readonly privileges: Privileges;
  readonly provenance: readonly ProvenanceRow[] | null;
}

export async function readFindings(_client: Queryable, _subject: Subject): Promise<Finding[]> {
  return [];
}
