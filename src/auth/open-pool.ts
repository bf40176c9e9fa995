import type { Pool } from "../postgres/client.ts";
import { connect, createPool } from "../postgres/connect.ts";
import { within } from "../postgres/share-queries.ts";

/** Milliseconds for connections to end. */
const ENDING = 5_000;

/** A pool says only that it cannot connect; one connection of our own at the start says why. */
export async function openPool(database: string | Pool): Promise<{ pool: Pool; close: () => Promise<void> }> {
  if (typeof database !== "string") return { pool: database, close: async () => undefined };
  await (await connect(database, { applicationName: "authgraft" })).end();
  const pool = createPool(database, { applicationName: "authgraft" });
  let ending: Promise<void> | undefined;
  const close = () => {
    // A query that will never be answered must not keep a process alive.
    ending ??= within(ENDING, () => pool.end()).catch(() => undefined);
    return ending;
  };
  return { pool, close };
}
