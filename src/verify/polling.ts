import { setTimeout as sleep } from "node:timers/promises";
import { VerificationUnavailableError } from "../errors.ts";
import { type Clocks, type Mark, readMark, wasSetBack } from "../tokens/revocations/freshness.ts";
import { createBell } from "./bell.ts";
import type { Knowledge } from "./knowledge.ts";
import type { AskSnapshot, Snapshot, SnapshotPlace } from "./snapshots.ts";

/** What polling takes. */
export interface PollingOptions {
  readonly ask: AskSnapshot;
  readonly knowledge: Knowledge;
  readonly clocks: Clocks;
  /** Milliseconds. */
  readonly maxStaleness: number;
  /** Told what came of each poll: why it failed, and what is wrong although it succeeded. */
  readonly onPoll: (failure: Error | null, warning: Error | null) => void;
}

/** Polling the feed: the only proof that what is known is new. */
export interface Polling {
  /** Brings the next poll about now; while one is under way, another one follows it. */
  ring(): void;
  /** Asks for what is new at once, on its own: a token may be signed by a key that was made a moment ago. */
  look(): Promise<void>;
  /** Polls until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Milliseconds until what failed is tried again: also how late an Authgraft that is back is noticed. */
const RETRY = 250;

/** Milliseconds from poll to poll, however often somebody rings. */
const SOONEST = 100;

/** Milliseconds by which clocks may differ before anybody has to know. */
const CLOCKS_DIFFER = 60_000;

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

  let warning: Error | null = null;
  const bell = createBell();

  const askPart = async (place: SnapshotPlace): Promise<Snapshot> => {
    asked += 1;
    const order = asked;
    const part = await ask(place);
    warning = warningOf(part, clocks);
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
    ring: bell.ring,
    async look() {
      await askPart({ after: position, cursor: null });
    },
    async run(signal) {
      while (!signal.aborted) {
        const start = performance.now();
        bell.hear();
        const failure = await poll().then(
          () => null,
          (error: Error) => error,
        );
        if (!signal.aborted) onPoll(failure, warning);
        const usual = maxStaleness / 4;
        await rest(start + (failure === null ? SOONEST : Math.min(usual, RETRY)), signal);
        if (failure === null) await bell.rung(start + usual - performance.now(), signal);
      }
    },
  };
}

async function rest(until: number, signal: AbortSignal): Promise<void> {
  const pause = Math.max(0, until - performance.now());
  await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
}

/** What one clock calls expired the other one still accepts, or what is new to come. */
function warningOf({ writtenAt }: Snapshot, { now }: Clocks): Error | null {
  if (Math.abs(now() - writtenAt * 1_000) <= CLOCKS_DIFFER) return null;
  const fix = "Set both clocks right; until then tokens are refused or expire at the wrong time here.";
  return new VerificationUnavailableError(
    "This service's clock and Authgraft's differ by more than a minute.",
    {
      fix,
    },
  );
}

/** An answer from memory would be as old as it says. */
function older({ steady, now }: Mark, age: number): Mark {
  return { steady: steady - age, now: now - age };
}

function identityOf(position: string): string {
  return position.replace(/[/].*/, "");
}
