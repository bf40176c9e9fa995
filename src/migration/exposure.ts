/** A right of somebody other than the owner on the users table or on one of its columns. */
export interface Exposure {
  /** A role's name, or `PUBLIC`. */
  readonly role: string;
  readonly privilege: "SELECT" | "INSERT" | "UPDATE" | "TRUNCATE";
  /** Null: on the whole table, new columns included. */
  readonly column: string | null;
  /** Whether the role may grant it on. */
  readonly grantable: boolean;
}
