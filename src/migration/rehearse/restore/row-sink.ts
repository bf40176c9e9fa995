import type pg from "pg";
import { from } from "pg-copy-streams";

/** Hands rows to PostgreSQL as fast as it takes them; what waits in memory is a few pieces. */
export class RowSink {
  readonly #stream: ReturnType<typeof from>;
  #error: Error | undefined;
  #finished = false;
  #wake: () => void = () => undefined;

  /** @param copy `COPY … FROM STDIN`. */
  constructor(client: pg.Client, copy: string) {
    this.#stream = client.query(from(copy));
    this.#stream.on("error", (error: Error) => {
      this.#error ??= error;
      this.#wake();
    });
    this.#stream.on("drain", () => this.#wake());
    this.#stream.on("finish", () => {
      this.#finished = true;
      this.#wake();
    });
  }

  get error(): Error | undefined {
    return this.#error;
  }

  /** Settles when more may come; whether PostgreSQL still takes rows. */
  async write(rows: Buffer): Promise<boolean> {
    if (this.#error === undefined && !this.#stream.write(rows)) await this.#changed();
    return this.#error === undefined;
  }

  /** Ends the rows; how many there were. What PostgreSQL did not like about them is in `error`. */
  async end(): Promise<number> {
    if (this.#error === undefined) this.#stream.end();
    while (this.#error === undefined && !this.#finished) await this.#changed();
    return this.#error === undefined ? this.#stream.rowCount : 0;
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
