import pg from "pg";

/** What one statement of a text came to. */
export interface StatementResult {
  /** The first word of PostgreSQL's own answer: `SELECT`, `CREATE` … */
  readonly command: string;
  readonly rowCount: number | null;
  /** Null where the statement has no rows, or none are wanted. */
  readonly rows: StatementRows | null;
}

/** Rows of a statement, every value as PostgreSQL writes it. */
export interface StatementRows {
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | null)[])[];
  /** Whether there were more than these. */
  readonly isCut: boolean;
}

/** How much is kept of the rows of a text, over all its statements. */
export interface RowLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** What `pg` has of a statement that was run. */
interface Result {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly fields: readonly { readonly name: string }[];
}

type Row = (string | null)[];

const AS_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * Runs one or more statements by the simple protocol: in one transaction, unless they say otherwise. Rows beyond
 * the limits are read and forgotten; with null, all of them are.
 *
 * @throws the driver's own error, of the statement that failed.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
 */
export function runStatements(
  client: pg.Client,
  text: string,
  limits: RowLimits | null,
): Promise<StatementResult[]> {
  return new Promise((resolve, reject) => {
    const keeper = createKeeper(limits);
    const config: pg.QueryArrayConfig = { text, rowMode: "array", types: AS_TEXT };
    const query = new pg.Query<Row>(config);
    // With somebody listening to rows, the driver keeps none itself.
    query.on("row", (row: unknown, result: unknown) => keeper.take(row as Row, result as Result));
    query.on("error", reject);
    query.on("end", (ended: unknown) => {
      const results = (Array.isArray(ended) ? ended : [ended]) as Result[];
      resolve(results.flatMap((result) => describe(result, keeper)));
    });
    client.query(query);
  });
}

interface Keeper {
  take(row: Row, result: Result): void;
  of(result: Result): StatementRows | null;
}

function createKeeper(limits: RowLimits | null): Keeper {
  const kept = new Map<Result, Row[]>();
  const cut = new Set<Result>();
  let { rows, bytes } = limits ?? { rows: 0, bytes: 0 };
  return {
    take(row, result) {
      const size = row.reduce((sum, value) => sum + Buffer.byteLength(value ?? ""), 0);
      if (cut.has(result) || rows === 0 || size > bytes) return void cut.add(result);
      rows -= 1;
      bytes -= size;
      const before = kept.get(result);
      if (before === undefined) kept.set(result, [row]);
      else before.push(row);
    },
    of(result) {
      if (limits === null || result.fields.length === 0) return null;
      const columns = result.fields.map(({ name }) => name);
      return { columns, values: kept.get(result) ?? [], isCut: cut.has(result) };
    },
  };
}

/** A text without any statement ends with a result that has no command. */
function describe(result: Result, keeper: Keeper): StatementResult[] {
  const { command, rowCount } = result;
  return command === null ? [] : [{ command, rowCount, rows: keeper.of(result) }];
}
