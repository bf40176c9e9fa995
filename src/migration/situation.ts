import type { Configuration } from "../config/schema.ts";
import type { Mapping } from "../users-table/mapping.ts";
import type { Relation } from "../users-table/relation.ts";
import type { Exposure } from "./exposure.ts";
import type { Finding } from "./finding.ts";

/** One line of the record of whose an object is. */
export interface ProvenanceRow {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly origin: "graft" | "application";
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly made: Readonly<Record<string, unknown>> | null;
  readonly step: string;
}

/** What an object of the graft is; a `grant` is what a role was given, `rights` what others had before. */
export type ObjectKind =
  | "schema"
  | "table"
  | "column"
  | "not_null"
  | "index"
  | "constraint"
  | "grant"
  | "rights"
  | "trigger";

/** The schema of the graft as it stands. */
export interface GraftSchema {
  readonly owner: string;
  readonly relations: readonly Relation[];
  /** Null where the schema has no provenance table that can be read: then it is not the graft's. */
  readonly provenance: readonly ProvenanceRow[] | null;
  /** Functions, types and other things in the schema that are not relations, as PostgreSQL names them. */
  readonly others: readonly string[];
  /** The function behind the fence, with or without a fence; null where there is none. */
  readonly fenceFunction: FenceFunction | null;
}

/** The function that the triggers of a fence call. */
export interface FenceFunction {
  /** Whether it refuses what comes; where a fence could not be dropped, it lets everything pass. */
  readonly refuses: boolean;
  /** Whether it has refused every new value since an archive was made behind it. */
  readonly archived: boolean;
}

/** What the connection is allowed to do. */
export interface Privileges {
  readonly superuser: boolean;
  /** Whether the current role is the users table's owner, or a member of it. */
  readonly ownsUsersTable: boolean;
  readonly createInSchema: boolean;
  /** Whether the owner may have objects there: the graft's belong to it. */
  readonly ownerCreatesInSchema: boolean;
  readonly createInDatabase: boolean;
  readonly ownsGraftSchema: boolean;
}

/** The server and the connection. */
export interface ServerFacts {
  /** As `server_version_num`: 180004 for 18.4. */
  readonly version: number;
  readonly database: string;
  readonly user: string;
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
}

/** What the role of the server may do already, by itself, through PUBLIC or through another role. */
export interface ServerRole {
  readonly name: string;
  readonly exists: boolean;
  readonly usesUsersSchema: boolean;
  readonly usesGraftSchema: boolean;
  /** Columns of the users table. */
  readonly columns: readonly { readonly name: string; readonly privileges: readonly ColumnPrivilege[] }[];
  /** Tables of the graft, by name. */
  readonly tables: readonly TableRights[];
}

/** What the role may do with a table. */
export interface TableRights {
  readonly name: string;
  readonly privileges: readonly TablePrivilege[];
  /** The columns that it may give a value in a row that it adds. */
  readonly addsTo: readonly string[];
  /** Whether it was granted, itself and not as the owner, to add rows with any columns. */
  readonly addsWhole: boolean;
}

/** Privileges on a column that the server may need. */
export type ColumnPrivilege = "SELECT" | "INSERT" | "UPDATE";

/** Privileges on a table that the server may need. */
export type TablePrivilege = ColumnPrivilege | "DELETE";

/** A grant that PostgreSQL would make by itself on a new object. */
export interface DefaultGrant {
  readonly grantee: string;
  readonly objects: "tables" | "sequences" | "schemas";
}

/**
 * All that the plan is made from: what stood in the catalog at one moment, the mapping, the options.
 * Plain data: the plan is a pure function of it.
 */
export interface Situation {
  readonly server: ServerFacts;
  readonly configuration: Configuration;
  readonly users: Relation;
  readonly mapping: Mapping;
  readonly privileges: Privileges;
  /** The relation `revoked_tokens` beside the users table, whosever it is. */
  readonly revokedTokens: Relation | null;
  readonly graft: GraftSchema | null;
  /** Of the names that the graft's indexes on the users table will have, those that relations elsewhere in its schema have. */
  readonly takenNames: readonly string[];
  /** What an earlier `down --archive` put aside. */
  readonly archive: Archive | null;
  readonly defaultGrants: readonly DefaultGrant[];
  /** Null where the configuration names no role for the server. */
  readonly serverRole: ServerRole | null;
  /** Who holds rights on the users table; read only where the configuration asks to close them. */
  readonly exposures: readonly Exposure[];
  readonly findings: readonly Finding[];
}

/** What an earlier `down --archive` put aside. */
export interface Archive {
  readonly schema: string;
  readonly archivedAt: string;
  /** Whose users it holds, as the table was called then. */
  readonly usersTable: string;
  /** The columns of its table of users, in order; the id first. */
  readonly userColumns: readonly string[];
  readonly provenance: readonly ProvenanceRow[];
  readonly tables: readonly string[];
  /** The columns of each of its tables: an earlier version's have fewer. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
}
