import { randomUUID } from "node:crypto";
import type { TestDatabase } from "../support/postgres.ts";

/** The application that was there first: it knows of usernames, and of nothing that Authgraft adds. */
export interface OldApplication {
  /** How many requests it has answered so far. */
  served(): number;
  /** Lets it finish the request it is at, and tells what went wrong with any. */
  stop(): Promise<readonly unknown[]>;
  /** The users it has registered and not deleted again, by name. */
  readonly users: ReadonlySet<string>;
}

/** Starts it: people come, look in, write something and go, one request after the other, until it is stopped. */
export async function startOldApplication(database: TestDatabase): Promise<OldApplication> {
  const client = await database.client();
  const users = new Set<string>();
  const failures: unknown[] = [];
  let requests = 0;
  let isStopping = false;

  const comeAndGo = async () => {
    const name = `old_${randomUUID().slice(0, 8)}`;
    const { rows } = await client.query<{ id: number }>(
      "INSERT INTO users (username, created_at) VALUES ($1, now()) RETURNING id",
      [name],
    );
    const id = rows[0]?.id;
    await client.query(
      "INSERT INTO sessions (id, user_id, user_agent, created_at) VALUES ($1, $2, 'Invented/1.0', now())",
      [randomUUID(), id],
    );
    await client.query("UPDATE users SET created_at = created_at WHERE username = $1", [name]);
    await client.query("SELECT id, username, created_at FROM users WHERE username = $1", [name]);
    if (requests % 3 === 0) {
      await client.query("DELETE FROM sessions WHERE user_id = $1", [id]);
      await client.query("DELETE FROM users WHERE id = $1", [id]);
    } else users.add(name);
  };
  const run = async () => {
    while (!isStopping) {
      await comeAndGo().catch((error: unknown) => {
        // One is enough to know of, and a connection that is gone would fail for ever.
        failures.push(error);
        isStopping = true;
      });
      requests += 1;
    }
  };
  const running = run();
  return {
    ...{ users, served: () => requests },
    async stop() {
      isStopping = true;
      await running;
      return failures;
    },
  };
}
