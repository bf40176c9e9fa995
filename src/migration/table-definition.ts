/** A column; `USER_ID` as the type stands for the type of the users table's own primary key. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** As `pg_get_expr` writes it back. */
  readonly default?: string;
  readonly identity?: true;
}

/** An index beside the ones of the keys. */
export interface IndexDefinition {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A table of the graft. */
export interface TableDefinition {
  readonly name: string;
  /** Whether it stands beside the users table or in the schema of the graft. */
  readonly place: "users" | "graft";
  readonly comment: string;
  /** A newer version adds at the end, so that a table it completes is in no way another than one it makes. */
  readonly columns: readonly ColumnDefinition[];
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly indexes: readonly IndexDefinition[];
  /** Indexes that an earlier version made, and that one of `indexes` takes the place of. */
  readonly replaced?: readonly string[];
  /** What becomes of its rows when their user's row is deleted; null: it has no foreign key. */
  readonly onUserDelete: "CASCADE" | "SET NULL" | null;
}

/** Stands for the type of the users table's primary key. */
export const USER_ID = "<user id>";

/** When a row came. */
export const CREATED_AT: ColumnDefinition = {
  name: "created_at",
  type: "timestamp with time zone",
  notNull: true,
  default: "now()",
};
