import type { TestDatabase } from "./postgres.ts";

/** Listens to what a run says and lets a test go on when it has said something. */
export class ProgressListener {
  readonly lines: string[] = [];
  readonly #waiting = new Map<string, () => void>();

  readonly onProgress = (line: string): void => {
    this.lines.push(line);
    for (const [words, resolve] of this.#waiting) if (line.includes(words)) resolve();
  };

  /** Settles when a line holds these words, from now on. */
  next(words: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(words, () => {
        this.#waiting.delete(words);
        resolve();
      });
    });
  }
}

/** Ends the server processes of every run of authgraft on this database, as a crash or an operator would. */
export async function terminateMigrators(database: TestDatabase): Promise<void> {
  const client = await database.client(database.superuserUrl);
  await client.query(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'authgraft' AND datname = current_database()",
  );
  await client.end();
}

/** Waits until a run of authgraft on this database stands in a lock queue or in an index build's wait. */
export async function untilMigratorWaits(database: TestDatabase): Promise<void> {
  const client = await database.client(database.superuserUrl);
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await client.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_sleep(0.02), pg_stat_activity
       WHERE application_name = 'authgraft' AND datname = current_database() AND state = 'active' AND wait_event_type = 'Lock'`,
    );
    waiting = rows[0]?.waiting ?? 0;
  }
  await client.end();
}
