/** What Authgraft reads of a query's result: the part of `pg`'s result that every compatible driver has. */
export interface QueryResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
  readonly command?: string;
}

/** Anything that runs a query: a client, a pool, or a client lent by a pool. */
export interface Queryable {
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** One connection. Its session settings, locks and transactions are its own. */
export interface Client extends Queryable {
  end(): Promise<void>;
}

/** One connection lent by a pool, to be given back. */
export interface PoolClient extends Queryable {
  /** Gives the connection back; `true` or an error closes it instead, because its state is unknown. */
  release(destroy?: boolean | Error): void;
}

/** A pool of connections: Authgraft's own, or the one the application hands in. */
export interface Pool extends Queryable {
  connect(): Promise<PoolClient>;
}
