import type { QueryConfig } from "pg";
import type { Client, QueryResult } from "./client.ts";

/** The part of `pg`'s client that takes a statement with a name. */
interface NamingClient {
  query(statement: QueryConfig | string): Promise<unknown>;
  end(): Promise<void>;
}

/**
 * The same connection, except that a statement with parameters is parsed and planned once: a run reads the
 * catalog before every step with the same few statements, whose planning costs about as much as running them.
 *
 * Only for a connection of our own that leads to PostgreSQL directly, with `plan_cache_mode` set for it.
 *
 * @see https://www.postgresql.org/docs/current/sql-prepare.html
 */
export function reusePlans(client: NamingClient): Client {
  const names = new Map<string, string>();
  return {
    async query<Row>(text: string, values?: readonly unknown[]) {
      if (values === undefined) return (await client.query(text)) as QueryResult<Row>;
      const name = names.get(text) ?? `authgraft_${names.size + 1}`;
      names.set(text, name);
      return (await client.query({ name, text, values: [...values] })) as QueryResult<Row>;
    },
    end: () => client.end(),
  };
}
