import { setTimeout as sleep } from "node:timers/promises";
import { PACKED_ENTRY_BYTES } from "../tokens/revocations/revocation-set.ts";
import type { AuthgraftClient } from "./authgraft-client.ts";
import type { Knowledge } from "./knowledge.ts";
import { readEvents } from "./server-sent-events.ts";

/** What listening takes. */
export interface ListeningOptions {
  readonly client: AuthgraftClient;
  readonly knowledge: Pick<Knowledge, "take">;
  /** Up to where everything is known. */
  readonly position: () => string | null;
}

/** Listening to what is revoked as it happens: for speed alone, as nobody notices what is kept from him. */
export interface Listening {
  readonly isOpen: boolean;
  /** Listens until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Milliseconds: to the beginning of an answer, without a sign of life, and between two attempts. */
const [PATIENCE, SILENCE, SOONEST, LATEST] = [5_000, 40_000, 100, 3_000];

/** Prepares listening; nothing is asked yet. */
export function createListening({ client, knowledge, position }: ListeningOptions): Listening {
  let isOpen = false;
  const listen = async (ending: AbortController) => {
    const stream = await open(client, position(), ending);
    isOpen = true;
    const silence = setTimeout(() => ending.abort(), SILENCE).unref();
    try {
      for await (const data of readEvents(stream)) {
        silence.refresh();
        if (data !== null) await knowledge.take(unpack(data));
      }
    } finally {
      isOpen = false;
      clearTimeout(silence);
      ending.abort();
    }
  };
  return {
    get isOpen() {
      return isOpen;
    },
    async run(signal) {
      let pause = SOONEST;
      while (!signal.aborted) {
        const start = performance.now();
        await once(signal, listen);
        pause = performance.now() - start > LATEST ? SOONEST : Math.min(pause * 2, LATEST);
        // Not all at once where many listened to a server that has ended.
        const rest = pause * (0.5 + Math.random() / 2);
        await sleep(rest, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}

function open(client: AuthgraftClient, position: string | null, ending: AbortController) {
  const resume: Record<string, string> = position === null ? {} : { "last-event-id": position };
  const headers = { accept: "text/event-stream", "cache-control": "no-store", ...resume };
  return client.stream("/v1/revocations/stream", { headers, patience: PATIENCE }, ending);
}

/** Whatever ends it, the poll says what is wrong. */
async function once(signal: AbortSignal, listen: (ending: AbortController) => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end);
  await listen(ending).catch(() => undefined);
  signal.removeEventListener("abort", end);
}

function unpack(data: string): Buffer {
  const entries = Buffer.from(data, "base64url");
  if (entries.length % PACKED_ENTRY_BYTES === 0) return entries;
  throw new RangeError("an event holds no entries");
}
