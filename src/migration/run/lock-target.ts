/** A table that a lock is asked for on, as it is written in SQL. */
export interface LockedTable {
  readonly name: string;
}

/** The users table, as it is written in SQL and as the catalog knows it. */
export interface LockTarget extends LockedTable {
  readonly oid: string;
}
