import { randomBytes } from "node:crypto";
import type { Client, Queryable } from "./client.ts";

const SETTING = "authgraft.probe";

/**
 * Tells whether a pooler in transaction mode stands between us and PostgreSQL: there, session settings
 * and advisory locks go to whichever server connection happens to be free.
 *
 * The first connection sets a value and goes idle; the second opens a transaction. Behind such a pooler
 * the second is given the first one's server connection, or the first finds its value gone.
 *
 * @param open opens one more connection to the same address.
 */
export async function isTransactionPooled(first: Queryable, open: () => Promise<Client>): Promise<boolean> {
  const value = randomBytes(8).toString("hex");
  const { rows } = await first.query<{ pid: number }>(
    "SELECT pg_backend_pid() AS pid, set_config($1, $2, false)",
    [SETTING, value],
  );
  const second = await open();
  try {
    await second.query("BEGIN");
    const other = await second.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const again = await first.query<{ pid: number; value: string | null }>(
      "SELECT pg_backend_pid() AS pid, current_setting($1, true) AS value",
      [SETTING],
    );
    return other.rows[0]?.pid === rows[0]?.pid || again.rows[0]?.value !== value;
  } finally {
    await second.query("ROLLBACK").catch(() => undefined);
    await second.end();
  }
}
