import { Counter, Gauge, type Registry } from "prom-client";
import { inTime } from "./in-time.ts";

/** Milliseconds that whoever asks for the figures waits for the database. */
const COUNTING = 1_000;

/** Told what came of each attempt. */
export interface MailFigures {
  sent(): void;
  /** Once for each attempt: `retry` comes again, `given_up` does not. */
  failed(outcome: "retry" | "given_up", mails?: number): void;
}

/** Registers how mail goes, to be shown beside the other figures; `count` says how many mails wait. */
export function measureMail(register: Registry, count: () => Promise<number>): MailFigures {
  const sent = new Counter({
    ...{ name: "authgraft_mails_sent_total", help: "Mails that were handed over.", registers: [register] },
  });
  const failed = new Counter({
    name: "authgraft_mails_failed_total",
    help: "Attempts to send a mail that failed: to be tried again, or given up.",
    registers: [register],
    labelNames: ["outcome"] as const,
  });
  for (const outcome of ["retry", "given_up"] as const) failed.inc({ outcome }, 0);
  new Gauge({
    name: "authgraft_mails_queued",
    help: "Mails that wait in the database, for all servers together.",
    registers: [register],
    async collect() {
      // Where the database does not answer, the other figures are still there, and in time.
      this.set(await inTime(COUNTING, count()).catch(() => Number.NaN));
    },
  });
  return { sent: () => sent.inc(), failed: (outcome, mails = 1) => failed.inc({ outcome }, mails) };
}
