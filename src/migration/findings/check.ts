import type { Configuration } from "../../config/schema.ts";
import type { Mapping } from "../../users-table/mapping.ts";
import type { Relation } from "../../users-table/relation.ts";
import type { Finding } from "../finding.ts";
import type { Privileges, ProvenanceRow, ServerFacts } from "../situation.ts";

/** What the checks look at. */
export interface Subject {
  readonly server: ServerFacts;
  readonly configuration: Configuration;
  readonly users: Relation;
  readonly mapping: Mapping;
  readonly privileges: Privileges;
  /** Null: not grafted. */
  readonly provenance: readonly ProvenanceRow[] | null;
}

/** The subject, and what has to be known of the server before a check can be worded. */
export interface Examined extends Subject {
  /** The schema of `pg_stat_statements` where it is installed and running; else null. */
  readonly statementsSchema: string | null;
}

/** One statement with its parameters. */
export interface Query {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** One thing that may stand in the way of the graft, or beside it. */
export interface FindingCheck<Row extends object = object> {
  readonly id: string;
  /** Whether it is asked at this stage: some only while the graft still has to change what they are about. */
  applies(subject: Examined): boolean;
  /** What is asked of the server; null when the subject says it all. */
  query(subject: Examined): Query | null;
  /** Pure: what the answer means. */
  judge(rows: readonly Row[], subject: Examined): readonly Finding[];
  /**
   * Whether it reads every row and `up` is as safe without it, because it can only warn, or because a step fails
   * over the same: `plan` tells it, and `up`, which would only lose time, does not ask.
   */
  readonly advice?: (subject: Examined) => boolean;
  /** The GRANT that lets the query run, where a role may lack it; default `pg_monitor`. */
  readonly permit?: (subject: Examined) => string;
}
