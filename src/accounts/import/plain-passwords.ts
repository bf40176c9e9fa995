import type { Queryable } from "../../postgres/client.ts";
import type { SourceRow, SourceRows } from "./source/source-row.ts";
import { ROWS, VERDICTS } from "./stage.ts";

/** How many hashes wait at once: enough for every thread, and few enough that stopping is quick. */
const AT_ONCE = 16;

/** Hashes plaintext passwords of a file that is read once more, batch by batch as they are about to be written. */
export class PlainPasswords {
  readonly #rows: AsyncIterator<readonly SourceRow[]>;
  readonly #hash: (password: string) => Promise<string>;
  #waiting: readonly SourceRow[] = [];

  /** @param hash what becomes of a password. */
  constructor(rows: SourceRows, hash: (password: string) => Promise<string>) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#hash = hash;
  }

  /** Puts the hashes of the rows of a batch into the stage. Batches are asked for in their order. */
  async fill(client: Queryable, from: number, to: number): Promise<void> {
    const wanted = await this.#wanted(client, from, to);
    if (wanted.length === 0) return;
    const passwords = await this.#find(new Set(wanted), to);
    const numbers = [...passwords.keys()];
    const hashes: string[] = [];
    for (let at = 0; at < numbers.length; at += AT_ONCE) {
      const some = numbers.slice(at, at + AT_ONCE).map((row) => this.#hash(passwords.get(row) ?? ""));
      hashes.push(...(await Promise.all(some)));
    }
    await client.query(
      `UPDATE ${ROWS} AS s SET hash = x.hash FROM unnest($1::int4[], $2::text[]) AS x(row, hash) WHERE s.row = x.row`,
      [numbers, hashes],
    );
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#rows.return?.();
  }

  async #wanted(client: Queryable, from: number, to: number): Promise<number[]> {
    const { rows } = await client.query<{ row: number }>(
      `SELECT s.row FROM ${ROWS} s JOIN ${VERDICTS} v ON v.row = s.row
       WHERE s.row > $1 AND s.row <= $2 AND s.plain AND (v.outcome = 'new' OR v.outcome <> 'refused' AND v.sets_password)`,
      [from, to],
    );
    return rows.map(({ row }) => row);
  }

  async #find(wanted: ReadonlySet<number>, to: number): Promise<Map<number, string>> {
    const found = new Map<number, string>();
    for (;;) {
      for (const { row, values } of this.#waiting) {
        if (wanted.has(row) && values.password !== undefined) found.set(row, values.password);
      }
      if ((this.#waiting.at(-1)?.row ?? -1) >= to) break;
      const { done, value } = await this.#rows.next();
      if (done === true) break;
      this.#waiting = value;
    }
    this.#waiting = this.#waiting.filter(({ row }) => row > to);
    if (found.size < wanted.size) throw new Error("the file is not what it was when it was read first");
    return found;
  }
}
