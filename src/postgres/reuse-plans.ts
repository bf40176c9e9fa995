import type { Client, QueryResult } from "./client.ts";

/** The form of `query` that names the statement, as `pg` has it. */
interface NamingClient extends Client {
  query<Row>(statement: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<QueryResult<Row>>;
  query<Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
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
    query<Row>(text: string, values?: readonly unknown[]) {
      if (values === undefined) return client.query<Row>(text);
      const name = names.get(text) ?? `authgraft_${names.size + 1}`;
      names.set(text, name);
      return client.query<Row>({ name, text, values: [...values] });
    },
    end: () => client.end(),
  };
}
