/** What a statement does. */
export type StatementKind = "insert" | "update" | "delete" | "upsert" | "select";

/** What a statement is before it is told apart by protocol. */
export interface StatementText {
  readonly name: string;
  readonly kind: StatementKind;
  readonly sql: string;
  readonly parameters: (run: number) => readonly string[];
}
