import { MigrationError } from "../../errors.ts";
import type { Client } from "../../postgres/client.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";

/** How often the server is asked to stop what is running, until it has, in milliseconds. */
const AGAIN = 250;

/**
 * A person's wish to stop. The statement that is running is cancelled, or the next one is not begun; after that
 * statements go through again, because what cleans up needs them.
 */
export class Interruption {
  readonly #signal: AbortSignal | undefined;
  #noticed = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** The same connection, which says once that the run is to stop. */
  heededBy(client: Client): Client {
    return {
      query: async <Row>(text: string, values?: readonly unknown[]) => {
        this.#throwOnce();
        try {
          return await client.query<Row>(text, values);
        } catch (error) {
          if (sqlState(error) === SqlState.queryCanceled) this.#throwOnce();
          throw error;
        }
      },
      end: () => client.end(),
    };
  }

  /**
   * Cancels, once the person says stop, what this server process does, again and again until that was noticed: a
   * cancel between two statements is lost. The answer ends it.
   */
  cancels(pid: number, open: () => Promise<Client>): () => void {
    const signal = this.#signal;
    if (signal === undefined) return () => undefined;
    let over = false;
    const cancel = async () => {
      const second = await open();
      try {
        while (!over && !this.#noticed) {
          await second.query("SELECT pg_cancel_backend($1)", [pid]);
          await new Promise((resolve) => setTimeout(resolve, AGAIN));
        }
      } finally {
        await second.end();
      }
    };
    const listener = () => void cancel().catch(() => undefined);
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
    return () => {
      over = true;
      signal.removeEventListener("abort", listener);
    };
  }

  #throwOnce(): void {
    if (!this.#signal?.aborted || this.#noticed) return;
    this.#noticed = true;
    throw interrupted();
  }
}

/** Waits for a connection, or stops waiting when the person says stop; one that comes later is closed. */
export async function openUnlessInterrupted<Opened extends Client>(
  open: () => Promise<Opened>,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  if (signal?.aborted) throw interrupted();
  const opening = open();
  if (signal === undefined) return opening;
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(interrupted());
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([opening, stopped.promise]);
  } catch (error) {
    opening.then((client) => client.end()).catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The error of a run that was told to stop. */
export function interrupted(): MigrationError {
  return new MigrationError("interrupted", "Interrupted; the steps that were done stand.", {
    fix: "It is safe to run the same command again.",
  });
}
