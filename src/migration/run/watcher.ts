import { AuthgraftError } from "../../errors.ts";
import type { Client } from "../../postgres/client.ts";
import { isConnectionFailure } from "../../postgres/sqlstate.ts";

/** How often to open a connection that is lost at once. */
const ATTEMPTS = 5;

/** How long to wait for the last look, in milliseconds. */
const STOPPING = 1_000;

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

  /**
   * Looks once before it returns, and then again and again until it is told to stop: whoever is watched begins
   * with somebody watching. A connection that is lost later is opened again.
   *
   * @throws DatabaseError `database_unreachable` when there is no second connection to be had.
   */
  async watch(look: (client: Client) => Promise<void>, interval: number): Promise<() => Promise<void>> {
    await this.#firstLook(look);
    const stopped = Promise.withResolvers<void>();
    let watching = true;
    const pace = () => Promise.race([stopped.promise, sleep(interval)]);
    const looking = this.#keepLooking(look, pace, () => watching);
    return async () => {
      watching = false;
      stopped.resolve();
      // A look that is under way may be about to cancel something: it is waited for, but not for a dead server.
      await Promise.race([looking, sleep(STOPPING)]);
    };
  }

  async #keepLooking(
    look: (client: Client) => Promise<void>,
    pace: () => Promise<void>,
    goesOn: () => boolean,
  ): Promise<void> {
    for (await pace(); goesOn(); await pace()) {
      try {
        this.#connection ??= this.#open();
        await look(await this.#connection);
      } catch (error) {
        await this.#forget();
        if (!isLost(error)) return;
      }
    }
  }

  /** An idle connection may have been ended meanwhile; looking tells. */
  async #firstLook(look: (client: Client) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#connection ??= this.#open();
        await look(await this.#connection);
        return;
      } catch (error) {
        await this.#forget();
        if (attempt === ATTEMPTS || !isLost(error)) throw error;
      }
    }
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

function isLost(error: unknown): boolean {
  return (
    (error instanceof AuthgraftError && error.code === "database_unreachable") || isConnectionFailure(error)
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
