import { setTimeout as sleep } from "node:timers/promises";
import { withClient } from "./connection.ts";

/** How long a report holds the table. */
export const REPORT_SECONDS = 15;

/** A report as people run them: a transaction that reads the table through a cursor and takes its time. */
export async function openReport(url: string, signal: AbortSignal): Promise<void> {
  await withClient(url, "report", async (client) => {
    await client.query("BEGIN");
    await client.query("DECLARE report CURSOR FOR SELECT * FROM public.users");
    await client.query("FETCH 1000 FROM report");
    await sleep(REPORT_SECONDS * 1_000, undefined, { signal });
    // On a standby it may have been cancelled by then; that is PostgreSQL's answer, and shown as such.
    await client.query("COMMIT").catch(() => undefined);
  });
}
