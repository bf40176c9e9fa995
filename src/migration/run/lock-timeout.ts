import type { Client } from "../../postgres/client.ts";

/**
 * How long a look at the catalog or a line in the journal may wait for a lock, in milliseconds. Sections have
 * timeouts of their own.
 */
const READING = 30_000;

/** The session as a run keeps it between its sections. */
export async function limitReading(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = '${READING}ms'`);
}

/** Does something with another `lock_timeout`, in milliseconds; 0: none. */
export async function withLockTimeout<Result>(
  client: Client,
  milliseconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query(`SET lock_timeout = '${milliseconds}ms'`);
  try {
    return await work();
  } finally {
    // On a connection that is lost there is nothing to put back, and what was thrown says more.
    await limitReading(client).catch(() => undefined);
  }
}
