import { quoteLiteral } from "../postgres/identifiers.ts";
import { statementsOfA } from "./application-statements-a.ts";
import { statementsOfB } from "./application-statements-b.ts";
import type { SampleName } from "./samples/shape.ts";
import type { StatementKind, StatementText } from "./statement-text.ts";

/** A statement that an application wrote before it knew of Authgraft. */
export interface ApplicationStatement {
  /** `a.insert.simple`: sample, what it does, protocol. */
  readonly id: string;
  readonly sample: SampleName;
  readonly kind: StatementKind;
  /** With $1, $2 … for the parameters. */
  readonly sql: string;
  /** Whether the application prepares it once a connection and runs it again and again. */
  readonly prepared: boolean;
  /**
   * What PostgreSQL itself does with it on a connection that prepared it before columns were added: a list of
   * columns that follows the table's (`*`) gives "cached plan must not change result type" (0A000).
   */
  readonly heldAcrossChange: "works" | "fails";
  /** The values for a run. A run's statements belong together: it inserts what it later changes and deletes. */
  parameters(run: number): readonly string[];
}

/** A query as `pg` takes it: with a name it is prepared. */
export interface ApplicationQuery {
  readonly text: string;
  readonly name?: string;
  readonly values?: string[];
}

const TEXTS: Readonly<Record<SampleName, readonly StatementText[]>> = { a: statementsOfA, b: statementsOfB };

/**
 * The statements of a sample's old application, each in the simple protocol and prepared. Run in this order, each
 * affects or returns exactly one row, and what a run made is gone at its end.
 */
export function applicationStatements(sample: SampleName): readonly ApplicationStatement[] {
  return TEXTS[sample].flatMap(({ name, kind, sql, parameters }) =>
    [false, true].map((prepared) => ({
      id: `${sample}.${name}.${prepared ? "prepared" : "simple"}`,
      sample,
      kind,
      sql,
      prepared,
      heldAcrossChange: prepared && /\*/.test(sql) ? ("fails" as const) : ("works" as const),
      // The two forms of a statement meet different rows.
      parameters: (run: number) => parameters(run * 2 + (prepared ? 1 : 0)),
    })),
  );
}

/** The query of one run: prepared under the statement's id, or with the values in the text, as one simple message. */
export function applicationQuery(statement: ApplicationStatement, run: number): ApplicationQuery {
  const values = [...statement.parameters(run)];
  if (statement.prepared) return { name: statement.id, text: statement.sql, values };
  const text = statement.sql.replace(/\$(\d+)/g, (_, position: string) =>
    quoteLiteral(values[Number(position) - 1] ?? ""),
  );
  return { text };
}
