/** A PostgreSQL to rehearse on, on which nothing of worth stands: an embedded one, or one that was named. */
export interface ScratchServer {
  /** Of a role that may create databases, to a database that exists. */
  readonly url: string;
  readonly major: number;
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  /** The same server and role, another database. */
  databaseUrl(name: string): string;
}

/** Something of the source that could not be had on the scratch server, and what PostgreSQL said about it. */
export interface LeftOut {
  /** `extension`, `role`, `table`, `function` …: in PostgreSQL's words. */
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
}

/** What filling a database came to. */
export interface LoadReport {
  readonly tables: number;
  readonly rows: number;
  readonly leftOut: readonly LeftOut[];
  /** Roles that the source names and that were made up on the scratch server, without a login. */
  readonly rolesMade: readonly string[];
}

/** How a source is asked to fill a database. */
export interface LoadOptions {
  /** `schema`: tables without their rows. */
  readonly part: "schema" | "all";
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** A query the old application sends, as it was recorded. */
export interface RecordedQuery {
  readonly sql: string;
  /** Where it stands: `queries.sql:12`, `pg_stat_statements`. */
  readonly origin: string;
  /** How often it was sent; null where nobody counted. */
  readonly calls: number | null;
}

/** Where the copy to rehearse on comes from: a dump, or the live database. The source is never changed. */
export interface RehearsalSource {
  readonly kind: "dump" | "database";
  /** For a person: `shop.dump (custom format, of PostgreSQL 16.4)`. */
  readonly description: string;
  /** The server it comes from, as `16.4`; null where a dump does not say. */
  readonly serverVersion: string | null;
  /**
   * Fills an empty database of the scratch server; may be called more than once, for several databases.
   *
   * @throws MigrationError `dump_invalid` naming where the dump breaks off, and why.
   */
  load(databaseUrl: string, options: LoadOptions): Promise<LoadReport>;
  /**
   * The same database as the role that `load` gave it to, which may do nothing beyond it: for whatever fires the
   * copy's own triggers and functions, which a stranger may have written. Absent where that is the URL's own role.
   */
  asOwner?(databaseUrl: string): string;
  /** What the source's `pg_stat_statements` has of the users table; null where there is none. */
  queries(): Promise<readonly RecordedQuery[] | null>;
}

/** One yes-or-no of a rehearsal. */
export type GateId =
  | "restore"
  | "up_on_fresh"
  | "up_on_copy"
  | "rows_unchanged"
  | "old_queries"
  | "lock_budget"
  | "down_restores"
  | "up_again";

/** How one gate went. */
export interface Gate {
  readonly id: GateId;
  /** For a person: "The rows are unchanged". */
  readonly title: string;
  readonly passed: boolean;
  /** One or two sentences: the evidence, or what failed, where, and why. */
  readonly detail: string;
  readonly seconds: number;
  /** Figures, digests, lists: what the detail says, for machines and for the page. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What was locked, and what the traffic felt, over the lock gate; times in milliseconds from its beginning. */
export interface Timeline {
  readonly seconds: number;
  /** What Authgraft held or asked for on the users table. */
  readonly locks: readonly {
    readonly mode: string;
    readonly granted: boolean;
    readonly from: number;
    readonly to: number;
  }[];
  /** Latency of the traffic, one point for every so many milliseconds. */
  readonly latency: readonly { readonly at: number; readonly median: number; readonly slowest: number }[];
  /** What went on: `up`, `down`, the open report. */
  readonly spans: readonly { readonly label: string; readonly from: number; readonly to: number }[];
}

/** What a rehearsal found. The file that `up --require-rehearsal` reads holds just this, as JSON. */
export interface Rehearsal {
  readonly decision: "go" | "no-go";
  readonly gates: readonly Gate[];
  readonly source: string;
  /** The users table: `public.users`. */
  readonly table: string;
  /** The scratch server's version. */
  readonly serverVersion: string;
  readonly authgraftVersion: string;
  /** SHA-256 over the plan as from before the graft, in hexadecimal; null where it did not come so far. */
  readonly planHash: string | null;
  /** SHA-256 over the users table as it is without the graft, in hexadecimal; null as above. */
  readonly schemaFingerprint: string | null;
  readonly lockBudgetMilliseconds: number;
  readonly load: LoadReport | null;
  readonly timeline: Timeline | null;
  /** What is to be known beside the gates: what could not be taken away in the end. */
  readonly notes: readonly string[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
}
