import { setTimeout as sleep } from "node:timers/promises";
import type { KeyRing } from "../stored-keys.ts";
import { startStopwatch } from "./stopwatch.ts";

/** Milliseconds between two looks that strangers can bring about. */
const LOOK_GAP = 1_000;

/** The keys as they were last read, and how they are read again. */
export interface KeyCache {
  /** What is known now. */
  ring(): KeyRing;
  /** Reads at once; what was asked for later is never overwritten by what was asked for before it. */
  load(read: () => Promise<KeyRing>): Promise<void>;
  /**
   * Reads, at most once a second for all callers together: who comes sooner waits. Callers join a look only
   * until it is sent, so that what it finds is not older than their question.
   */
  look(): Promise<void>;
  /** The same for those to whom a look that is under way is new enough. */
  lookOrJoin(): Promise<void>;
}

const NOTHING: KeyRing = { keys: [], isForeign: false, readAt: 0, age: () => Number.POSITIVE_INFINITY };

/** Makes the cache; nothing is read until somebody asks. */
export function createKeyCache(read: () => Promise<KeyRing>, now: () => number): KeyCache {
  let ring = NOTHING;
  let asked = 0;
  let answered = 0;
  let sinceAsked: () => number = NOTHING.age;
  let scheduled: Promise<void> | undefined;
  let underWay: Promise<void> | undefined;

  const load = async (reading: () => Promise<KeyRing>) => {
    asked += 1;
    const number = asked;
    sinceAsked = startStopwatch(now);
    const found = await reading();
    if (number < answered) return;
    answered = number;
    ring = found;
  };
  const send = async () => {
    await sleep(Math.min(LOOK_GAP, Math.max(0, LOOK_GAP - sinceAsked())));
    scheduled = undefined;
    await load(read);
  };
  const look = () => {
    if (scheduled === undefined) {
      const sent = send().finally(() => {
        if (underWay === sent) underWay = undefined;
      });
      scheduled = sent;
      underWay = sent;
    }
    return scheduled;
  };
  return { ring: () => ring, load, look, lookOrJoin: () => underWay ?? look() };
}
