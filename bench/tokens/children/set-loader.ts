/** A process that loads what is revoked, and looks tokens up meanwhile and afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Revocations } from "../../../src/tokens/revocations/revocations.ts";
import { beChild } from "../child.ts";
import { type LookUps, lookUpUntil } from "../look-ups.ts";
import { followFeed, judgedToken } from "./follow-feed.ts";

/** What a load came to. */
export interface Loaded {
  readonly seconds: number;
  readonly entries: number;
  /** What the entries take, empty slots included. */
  readonly bytes: number;
  /** By how many bytes the process grew, when its garbage was collected. */
  readonly growth: number;
  /** Null where nothing was looked up meanwhile. */
  readonly lookUps: LookUps | null;
}

/** What was looked up while much expired. */
export interface Expired {
  /** Entries before, when the look-ups began, and when they ended. */
  readonly entries: readonly [before: number, after: number];
  readonly lookUps: LookUps;
}

/** Tokens to look up: every second one is revoked. */
const TOKENS = Array.from({ length: 2_000 }, (_, i) =>
  judgedToken(`${i % 2 === 0 ? "revoked" : "never revoked"} ${i + 1}`),
);

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

beChild<{ readonly url: string }>(async ({ url }) => {
  let ahead = 0;
  let revocations: Revocations | undefined;
  const begin = () => {
    revocations = followFeed(url, { now: () => Date.now() + ahead });
    return revocations;
  };
  const loaded = (): Revocations => {
    if (revocations === undefined) throw new Error("nothing is loaded");
    return revocations;
  };
  return {
    async load({ withLookUps }: { withLookUps: boolean }): Promise<Loaded> {
      const before = residentBytes();
      const begun = performance.now();
      const set = begin();
      const isDone = () => Number.isFinite(set.state().age);
      const lookUps = withLookUps ? await lookUpUntil(set, TOKENS, isDone) : null;
      while (!isDone()) await sleep(2);
      const seconds = (performance.now() - begun) / 1_000;
      const { entries, bytes } = set.state();
      return { seconds, entries, bytes, growth: residentBytes() - before, lookUps };
    },
    /** Looks up for a while in which nothing happens. */
    idle: (milliseconds: number) => lookUpUntil(loaded(), TOKENS, after(milliseconds)),
    /** Puts the clock forward, past the expiry of many, and looks up while they are dropped. */
    async expire({ by, milliseconds }: { by: number; milliseconds: number }): Promise<Expired> {
      const set = loaded();
      ahead = by;
      const before = set.state().entries;
      const lookUps = await lookUpUntil(set, TOKENS, after(milliseconds));
      return { entries: [before, set.state().entries], lookUps };
    },
  };
});

function after(milliseconds: number): () => boolean {
  const until = performance.now() + milliseconds;
  return () => performance.now() >= until;
}

function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage.rss();
}
