/** Work that waits somewhere, for whoever looks. */
export interface WorkerParts<Item> {
  /** Takes the next piece of work; null where there is none. */
  readonly claim: () => Promise<Item | null>;
  /** Does it; aborted, as far as it comes at once. */
  readonly work: (item: Item, signal: AbortSignal) => Promise<void>;
  /** Told before every look that nobody woke for. */
  readonly onLook: () => Promise<void>;
  /** Told once when looking fails, and with null when it goes well again. */
  readonly onTrouble: (error: unknown) => void;
  /** Pieces of work at once. */
  readonly lanes: number;
  /** Milliseconds between two looks, about. */
  readonly interval: number;
  /** Milliseconds that what is under way has to finish when it is told to stop. */
  readonly grace: number;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** A worker that goes on until it is stopped. */
export interface Worker {
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Looks for work at once, whenever it is woken, and every few seconds for what others left. A piece of work that takes
 * long holds up its own lane only.
 */
export function startWorker<Item>(parts: WorkerParts<Item>): Worker {
  const { lanes, interval, random } = parts;
  const [stopping, breakingOff] = [new AbortController(), new AbortController()];
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  let isWoken = false;
  let isTroubled = false;
  const tell = (error: unknown) => {
    if (isTroubled !== (error !== null)) parts.onTrouble(error);
    isTroubled = error !== null;
  };
  const next = async () => (stopping.signal.aborted ? null : parts.claim());
  const lane = async () => {
    try {
      do {
        isWoken = false;
        for (let item = await next(); item !== null; item = await next()) {
          // Where there was one there may be more, and this one may take long.
          wake();
          await parts.work(item, breakingOff.signal);
        }
        tell(null);
      } while (isWoken && !stopping.signal.aborted);
    } catch (error) {
      tell(error);
    }
  };
  const wake = () => {
    if (stopping.signal.aborted) return;
    if (running.size >= lanes) {
      isWoken = true;
      return;
    }
    const one: Promise<void> = lane().finally(() => running.delete(one));
    running.add(one);
  };
  const look = () => {
    wake();
    looking = parts.onLook().catch(tell);
    timer = setTimeout(look, interval * (0.75 + 0.5 * random()));
    timer.unref();
  };
  look();
  return {
    wake,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      const late = setTimeout(() => breakingOff.abort(), parts.grace);
      await Promise.all([looking, ...running]);
      clearTimeout(late);
    },
  };
}
