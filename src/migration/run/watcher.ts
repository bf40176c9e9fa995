import type { Client } from "../../postgres/client.ts";

/**
 * A second connection, that looks at what the first one does to others while the first one is busy. It is
 * opened when it is first needed, and again when it was lost.
 */
export class Watcher {
  readonly #open: () => Promise<Client>;
  #connection: Promise<Client> | undefined;

  constructor(open: () => Promise<Client>) {
    this.#open = open;
  }

  /** The connection, ready to ask; opening it takes milliseconds, so it is had before there is something to see. */
  async connection(): Promise<Client> {
    this.#connection ??= this.#open();
    const opening = this.#connection;
    try {
      return await opening;
    } catch (error) {
      if (this.#connection === opening) this.#connection = undefined;
      throw error;
    }
  }

  /** Looks again and again until it is told to stop; a connection that was lost ends this watch only. */
  async watch(look: (client: Client) => Promise<void>, interval: number): Promise<() => Promise<void>> {
    const client = await this.connection();
    const stopped = Promise.withResolvers<void>();
    let watching = true;
    const looking = (async () => {
      while (watching) {
        await look(client);
        await Promise.race([stopped.promise, sleep(interval)]);
      }
    })().catch(() => this.#forget());
    return async () => {
      watching = false;
      stopped.resolve();
      await looking;
    };
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    await this.#forget();
    await connection?.catch(() => undefined);
  }

  async #forget(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.then((client) => client.end()).catch(() => undefined);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
