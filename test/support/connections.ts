import pg from "pg";

/** The clients and pools that a test opened on its database. */
export class Connections {
  readonly #url: string;
  readonly #open = new Set<pg.Client | pg.Pool>();
  #queries: pg.Pool | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async client(url = this.#url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    this.#open.add(client);
    return client;
  }

  pool({ url = this.#url, max = 4 }: { readonly url?: string; readonly max?: number } = {}): pg.Pool {
    const pool = quietPool(url, max);
    this.#open.add(pool);
    return pool;
  }

  query<Row extends pg.QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>> {
    this.#queries ??= this.pool();
    // Without a list of parameters pg takes the simple protocol, which allows several statements.
    return parameters === undefined ? this.#queries.query(sql) : this.#queries.query(sql, [...parameters]);
  }

  /** Ends what the test has not ended itself. */
  async end(): Promise<void> {
    await Promise.all([...this.#open].map(endOnce));
  }
}

/** A pool that outlives the death of idle connections, which dropping a database brings about. */
export function quietPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max });
  pool.on("error", () => undefined);
  return pool;
}

async function endOnce(connection: pg.Client | pg.Pool): Promise<void> {
  if (connection instanceof pg.Pool && connection.ended) return;
  await connection.end();
}
