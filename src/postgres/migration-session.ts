import type { Queryable } from "./client.ts";

/**
 * Settings a migration does not inherit: a role's or a database's own value of any of these could cut a
 * step short, hide rows from a count, or lead a name to another object.
 *
 * `client_connection_check_interval` makes the server notice that this client was killed (14+).
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: "pg_catalog, pg_temp",
  statement_timeout: "0",
  lock_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  transaction_timeout: "0",
  default_transaction_isolation: "read committed",
  default_transaction_deferrable: "off",
  row_security: "off",
  session_replication_role: "origin",
  client_min_messages: "warning",
  standard_conforming_strings: "on",
  quote_all_identifiers: "off",
  client_connection_check_interval: "200ms",
  // Reading the catalog costs a planner much and an executor little: compiling it only delays it.
  jit: "off",
  plan_cache_mode: "force_generic_plan",
};

/** Settings that only a superuser may set; elsewhere their default already is what we want. */
const PRIVILEGED: ReadonlySet<string> = new Set(["session_replication_role"]);

/**
 * Puts a connection of our own into the state that migrations need. `readOnly` is for commands that only
 * look, so that they can do nothing else.
 */
export async function prepareSession(
  client: Queryable,
  options: { readonly readOnly: boolean },
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT s.name FROM pg_catalog.pg_settings s, pg_catalog.pg_roles r WHERE s.name = ANY($1::text[]) AND r.rolname = current_user AND (r.rolsuper OR s.name <> ALL($2::text[]))",
    [Object.keys(SETTINGS), [...PRIVILEGED]],
  );
  const names = rows.map((row) => row.name);
  const values = names.map((name) => SETTINGS[name]);
  await client.query(
    "SELECT pg_catalog.set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS t(name, value)",
    [names, values],
  );
  await client.query(`SET default_transaction_read_only = ${options.readOnly ? "on" : "off"}`);
}
