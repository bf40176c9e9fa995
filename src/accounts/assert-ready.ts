import { DatabaseError } from "../errors.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import type { AccountsContext } from "./context.ts";
import { insertUser, type Statement } from "./insert-user.ts";
import { userFields } from "./user.ts";
import { columnOf, isAlive } from "./users-table.ts";

type Parts = Pick<AccountsContext, "pool" | "table" | "configuration">;

/**
 * Makes `assertReady`: statements that name all that requests read and write, and touch no row. It throws
 * DatabaseError where the database does not answer or takes no changes, MigrationError `not_grafted` where
 * something was taken out since the start.
 */
export function createAssertReady(parts: Parts): () => Promise<void> {
  const statements = [reading(parts), ...registering(parts)];
  return async () => {
    const client = await parts.pool.connect();
    let broken: Error | undefined;
    try {
      const { rows } = await client.query<{ read_only: boolean }>(
        "SELECT current_setting('transaction_read_only') = 'on' AS read_only",
      );
      // After a failover a connection made anew may lead to the new primary: this one is not kept.
      if (rows[0]?.read_only !== false) broken = readOnly();
      if (broken !== undefined) throw broken;
      for (const { text, values } of statements) await client.query(text, values);
    } finally {
      client.release(broken);
    }
  };
}

function readOnly(): DatabaseError {
  return new DatabaseError("database_unreachable", "The database takes no changes just now.");
}

function reading({ table, configuration }: Parts): Statement {
  const text = `SELECT ${userFields(table, "from accounts")}, ${columnOf(table, table.mapping.password_hash)},
      a.user_id, a.disabled_at, a.token_generation, s.id, s.user_id, s.created_at, s.expires_at, s.ended_at, s.generation,
      s.token_expires_at, s.last_used_at, s.refresh_hash, s.used_refresh_hashes, s.user_agent, s.address,
      r.id, r.user_id, r.jti, r.revoked_at, r.expires_at,
      k.kid, k.algorithm, k.private_jwe, k.created_at, k.active_at, k.retired_at, k.expires_at
    FROM ${table.name} u, ${table.revokedTokens} r, ${table.accounts} a, ${table.sessions} s,
         ${quoteIdentifier(configuration.schema)}.signing_keys k
   WHERE false AND ${isAlive(table)}`;
  return { text, values: [] };
}

/** The very INSERT of a registration, planned and not run: no trigger fires and no sequence moves. */
function registering({ table, configuration: { registration } }: Parts): Statement[] {
  if (registration.mode === "off") return [];
  const someone = { email: "", username: "", display_name: "", password_hash: "" };
  const id = registration.generateId === undefined ? undefined : "";
  const { text, values } = insertUser(table, registration, { ...someone, id });
  return [{ text: `EXPLAIN (COSTS off) ${text}`, values: values.map(() => null) }];
}
