import type { Statement } from "./statement.ts";

/** A function that names the users table, returns its rows, or runs as one of its triggers. */
export interface FunctionFacts {
  /** As `regprocedure` writes it: `public.archive(integer)`. */
  readonly name: string;
  readonly language: "sql" | "plpgsql";
  readonly source: string;
  /** Whether the body was parsed when it was made (BEGIN ATOMIC); `source` is empty then. */
  readonly atomic: boolean;
  /** As `pg_get_function_result` writes it; null for a procedure. */
  readonly result: string | null;
  /** Whether it returns rows of the users table's own type. */
  readonly returnsRow: boolean;
  readonly securityDefiner: boolean;
  /** Its triggers on the users table. */
  readonly triggers: readonly string[];
}

/** One thing in a function's body, with the text it stands in. */
export interface Hit {
  readonly text: string;
  readonly message: string;
  readonly fix: string;
}

/** A function with its body read. */
export interface ReadFunction extends FunctionFacts {
  readonly statements: readonly Statement[];
}
