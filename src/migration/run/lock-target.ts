/** The users table, as it is written in SQL and as the catalog knows it. */
export interface LockTarget {
  readonly name: string;
  readonly oid: string;
}
