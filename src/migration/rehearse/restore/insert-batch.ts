import { type InsertShape, joinInserts } from "./insert-shape.ts";
import type { Outcome, RestoreSession } from "./restore-session.ts";

const MOST_STATEMENTS = 1_000;
const MOST_CHARACTERS = 2 ** 19;

/** An INSERT that PostgreSQL did not take. */
export interface FailedInsert {
  readonly table: string;
  readonly error: Error;
}

/** Sends the INSERTs of a dump made with --inserts many at a time: one alone would cost a round trip for each row. */
export class InsertBatch {
  readonly #session: RestoreSession;
  readonly #onFailure: (failed: FailedInsert) => void;
  #waiting: (InsertShape & { readonly sql: string })[] = [];
  #characters = 0;
  #rows = 0;

  constructor(session: RestoreSession, onFailure: (failed: FailedInsert) => void) {
    this.#session = session;
    this.#onFailure = onFailure;
  }

  get rows(): number {
    return this.#rows;
  }

  async add(sql: string, shape: InsertShape): Promise<void> {
    this.#waiting.push({ ...shape, sql });
    this.#characters += sql.length;
    if (this.#waiting.length >= MOST_STATEMENTS || this.#characters >= MOST_CHARACTERS) await this.flush();
  }

  /** Sends what waits. Where one fails none of them stands, and each is sent alone. */
  async flush(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    this.#characters = 0;
    // Sent together they are one transaction.
    const together = await this.#session.runWithPublic(joinInserts(batch));
    if (together.error === undefined) this.#rows += together.rows;
    else for (const { table, sql } of batch) this.#note(table, await this.#session.runWithPublic(sql));
  }

  #note(table: string, { error, rows }: Outcome): void {
    this.#rows += rows;
    if (error !== undefined) this.#onFailure({ table, error });
  }
}
