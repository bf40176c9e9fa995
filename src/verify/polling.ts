import { setTimeout as sleep } from "node:timers/promises";
import { VerificationUnavailableError } from "../errors.ts";
import { type Clocks, type Mark, readMark, wasSetBack } from "../tokens/revocations/freshness.ts";
import type { SnapshotClaims } from "../tokens/revocations/snapshot-claims.ts";
import type { Knowledge } from "./knowledge.ts";
import type { AskSnapshot, SnapshotPlace } from "./snapshots.ts";

/** What polling takes. */
export interface PollingOptions {
  readonly ask: AskSnapshot;
  readonly knowledge: Knowledge;
  readonly clocks: Clocks;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** Told what came of each poll, null where it succeeded. */
  readonly onPoll: (error: Error | null) => void;
}

/** Polling the feed: the only proof that what is known is new. */
export interface Polling {
  /** Up to where everything is known; null before that is so. */
  readonly position: string | null;
  /** Asks for what is new at once, on its own: a token may be signed by a key that was made a moment ago. */
  look(): Promise<void>;
  /** Polls until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Milliseconds until what failed is tried again: also how late an Authgraft that is back is noticed. */
const RETRY = 250;

/** A reading in parts: where it began and how far it has come. */
interface Walk {
  readonly after: string | null;
  /** When its first part was asked for; that part's position is what it leads to. */
  readonly mark: Mark;
  readonly position: string;
  readonly cursor: string | null;
}

/** Prepares polling; nothing is asked yet. */
export function createPolling(options: PollingOptions): Polling {
  const { ask, knowledge, clocks, maxStaleness, onPoll } = options;
  let [asked, position, reached]: [number, string | null, Mark | undefined] = [0, null, undefined];
  let walk: Walk | undefined;

  const askPart = async (place: SnapshotPlace): Promise<SnapshotClaims> => {
    asked += 1;
    const order = asked;
    const part = await ask(place);
    await knowledge.learn(part, order);
    return part;
  };
  const begin = async (): Promise<Walk> => {
    const mark = readMark(clocks);
    const part = await askPart({ after: position, cursor: null });
    return { after: position, position: part.position, cursor: part.next, mark: older(mark, part.age) };
  };
  const goOn = async (from: Walk): Promise<Walk> => {
    const part = await askPart({ after: from.after, cursor: from.cursor });
    if (identityOf(part.position) === identityOf(from.position)) return { ...from, cursor: part.next };
    walk = undefined;
    throw new VerificationUnavailableError("Authgraft's database is another one now.");
  };
  const poll = async () => {
    // What expired by a clock that ran ahead was dropped, and is valid again by the clock that was put right.
    if (wasSetBack(reached, clocks)) [position, reached, walk] = [null, undefined, undefined];
    walk ??= await begin();
    while (walk.cursor !== null) walk = await goOn(walk);
    [position, reached] = [walk.position, walk.mark];
    knowledge.fresh(walk.mark);
    walk = undefined;
  };
  return {
    get position() {
      return position;
    },
    async look() {
      await askPart({ after: position, cursor: null });
    },
    async run(signal) {
      while (!signal.aborted) {
        const start = performance.now();
        const error = await poll().then(
          () => null,
          (failure: Error) => failure,
        );
        if (!signal.aborted) onPoll(error);
        const pause = error === null ? maxStaleness / 4 : Math.min(maxStaleness / 4, RETRY);
        const rest = Math.max(0, start + pause - performance.now());
        await sleep(rest, undefined, { signal, ref: false }).catch(() => undefined);
      }
    },
  };
}

/** An answer from memory would be as old as it says. */
function older({ steady, now }: Mark, age: number): Mark {
  return { steady: steady - age, now: now - age };
}

function identityOf(position: string): string {
  return position.replace(/[/].*/, "");
}
