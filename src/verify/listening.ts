import { setTimeout as sleep } from "node:timers/promises";
import type { AuthgraftClient } from "./authgraft-client.ts";
import { countEvents } from "./server-sent-events.ts";

/** What listening takes. */
export interface ListeningOptions {
  readonly client: AuthgraftClient;
  /** Called when something is new, or may be. */
  readonly ring: () => void;
}

/**
 * Listening to when something is revoked: for speed alone, as nobody notices what is kept from him. The stream is not
 * signed, so it only says when to ask.
 */
export interface Listening {
  readonly isOpen: boolean;
  /** Listens until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Milliseconds: to the beginning of an answer, without a sign of life, and between two attempts. */
const [PATIENCE, SILENCE, SOONEST, LATEST] = [5_000, 40_000, 100, 3_000];

/** Prepares listening; nothing is asked yet. */
export function createListening({ client, ring }: ListeningOptions): Listening {
  let isOpen = false;
  const listen = async (ending: AbortController) => {
    const stream = await open(client, ending);
    isOpen = true;
    // Of what happened before it was open it does not tell.
    ring();
    const silence = setTimeout(() => ending.abort(), SILENCE).unref();
    try {
      for await (const events of countEvents(partsOf(stream, ending.signal))) {
        silence.refresh();
        if (events > 0) ring();
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

/** Until the signal, which the stream itself may not heed. */
async function* partsOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal) {
  const reader = stream.getReader();
  const end = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", end, { once: true });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    end();
  }
}

function open(client: AuthgraftClient, ending: AbortController) {
  const headers = { accept: "text/event-stream", "cache-control": "no-store" };
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
