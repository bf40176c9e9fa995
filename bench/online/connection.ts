import pg from "pg";

/** Runs `work` on a connection of its own. */
export async function withClient<Result>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url, application_name: name });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs statements one after another, each in a message of its own, as a migration tool sends them. */
export async function runAll(url: string, name: string, statements: readonly string[]): Promise<void> {
  await withClient(url, name, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}
