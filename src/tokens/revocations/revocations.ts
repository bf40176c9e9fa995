import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../postgres/share-queries.ts";
import { CLOCK_SKEW_SECONDS } from "../clock-skew.ts";
import { createBell } from "./bell.ts";
import type { FeedConnection } from "./follow.ts";
import { type FollowOptions, follow } from "./follow.ts";
import { ageOf, type Mark } from "./freshness.ts";
import { createPlaces } from "./places.ts";
import type { FeedReading } from "./read-feed.ts";
import type { RevocationKey } from "./revocation-key.ts";
import { createRevocationSet, type RevocationSet } from "./revocation-set.ts";
import { createWaiting } from "./waiting.ts";

/** What a revocation would know a token by. */
export interface RevocationKeys {
  readonly token: RevocationKey;
  readonly session: RevocationKey;
  readonly user: RevocationKey;
}

/** What is looked up of a token. */
export interface JudgedToken {
  readonly keys: RevocationKeys;
  readonly claims: { readonly generation: number; readonly issuedAt: number };
}

/** `ask`: memory alone cannot tell. */
export type Judgement = "valid" | "revoked" | "ask";

/** How much is held, and how old it is. */
export interface RevocationsState {
  readonly entries: number;
  readonly bytes: number;
  /** Milliseconds since what is known was asked for; infinite before the first answer. */
  readonly age: number;
}

/**
 * News for whoever follows a process that follows the database: what was new in a reading. Of one in which everything
 * was read, nothing is handed on: who needs that reads it too.
 */
export type OnNews = (reading: FeedReading, entries: readonly Uint8Array[]) => void;

/** What was revoked, in memory, kept current. */
export interface Revocations {
  judge(token: JudgedToken): Judgement;
  state(): RevocationsState;
  /** Calls with every reading until what it returns is called. */
  subscribe(onNews: OnNews): () => void;
  /**
   * Resolves when what was committed before this call is known here, or after half a second in any case: whoever has
   * just logged out is not signed in to the process that said so.
   */
  catchUp(): Promise<void>;
  /** Resolves when everything has been read once, or rejects with the signal. */
  ready(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** What keeping it current takes. */
export interface RevocationsOptions {
  readonly schema: string;
  readonly channel: string;
  /** Opens the connection to follow on. */
  readonly open: () => Promise<FeedConnection>;
  /** Milliseconds: what is older does not count. */
  readonly maxStaleness: number;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Reads the signing keys again: one was made, retired or has ended. */
  readonly reloadKeys: () => Promise<void>;
  /** What breaks following, and null when it goes on; for logs. */
  readonly onTrouble: (error: unknown) => void;
}

/** Milliseconds for the signing keys to be read, and for what is under way to end when nobody follows any more. */
const [RELOAD, STOPPING] = [2_000, 1_000];

/** Milliseconds between two attempts to connect: also how late a database that is back is noticed. */
const RECONNECT = 250;

/** Milliseconds between two sweeps, and how many of the 4,096 shards each looks at: all of them in a minute. */
const [SWEEP, SHARDS] = [50, 4];

/** Of the bound, the part after which what is known is renewed, by who is told of news and by who is not. */
const [LISTENING, LOOKING] = [4, 8];

/** Begins to follow the feed; tokens are the business of the database until everything has been read. */
export function followRevocations(options: RevocationsOptions): Revocations {
  const { now, maxStaleness } = options;
  const clocks = { steady: () => performance.now(), now };
  const set = createRevocationSet({ now: () => now() / 1_000 });
  const [subscribers, stopping] = [new Set<OnNews>(), new AbortController()];
  const known = createKnowledge();
  const [bell, waiting] = [createBell(stopping.signal), createWaiting()];
  const trouble = tellOfChanges(options.onTrouble);
  const following: FollowOptions = {
    ...{ schema: options.schema, channel: options.channel, set, clocks, bell, places: createPlaces() },
    pause: { listening: maxStaleness / LISTENING, looking: maxStaleness / LOOKING },
    async onRead(reading, entries, mark) {
      if (reading.signingKeys !== known.signingKeys) await within(RELOAD, options.reloadKeys);
      known.learn(reading, mark);
      waiting.reached(mark.steady);
      trouble(null);
      for (const tell of subscribers) tell(reading, entries);
    },
  };
  const sweeping = setInterval(() => sweepSome(set), SWEEP).unref();
  const ended = keepFollowing({ open: options.open, onTrouble: trouble }, following, stopping.signal);
  const age = () => ageOf(known.mark, clocks);
  return {
    judge({ keys, claims: { generation, issuedAt } }) {
      const everything = set.generationOf(keys.token) > 0 || set.generationOf(keys.session) > 0;
      if (everything) return "revoked";
      const isKnown = age() <= maxStaleness && issuedAt > known.vouchedFrom + CLOCK_SKEW_SECONDS;
      return isKnown && set.generationOf(keys.user) <= generation ? "valid" : "ask";
    },
    state: () => ({ entries: set.size, bytes: set.bytes, age: age() }),
    subscribe(onNews) {
      subscribers.add(onNews);
      return () => subscribers.delete(onNews);
    },
    catchUp() {
      const caughtUp = waiting.until(clocks.steady());
      bell.ring();
      return caughtUp;
    },
    async ready(signal) {
      while (age() > maxStaleness) await sleep(5, undefined, signal === undefined ? {} : { signal });
    },
    async stop() {
      clearInterval(sweeping);
      waiting.reached(Number.POSITIVE_INFINITY);
      stopping.abort();
      await within(STOPPING, () => ended).catch(() => undefined);
    },
  };
}

/** One shard in a turn of the event loop: of ten million entries, each takes a part of a millisecond. */
function sweepSome(set: RevocationSet): void {
  for (let shard = 0; shard < SHARDS; shard += 1) setImmediate(() => set.sweep(1)).unref();
}

/** What readings come to, taken together. */
interface Knowledge {
  readonly mark: Mark | undefined;
  readonly vouchedFrom: number;
  readonly signingKeys: string | undefined;
  learn(reading: FeedReading, mark: Mark): void;
}

/** What was once said to be the business of the database stays so, in whichever reading it was said. */
function createKnowledge(): Knowledge {
  let [mark, signingKeys]: [Mark | undefined, string | undefined] = [undefined, undefined];
  let [vouchedFrom, latest] = [Number.POSITIVE_INFINITY, 0];
  return {
    get mark() {
      return mark;
    },
    get vouchedFrom() {
      return vouchedFrom;
    },
    get signingKeys() {
      return signingKeys;
    },
    learn(reading, asked) {
      if (Number.isFinite(reading.vouchedFrom)) latest = Math.max(latest, reading.vouchedFrom);
      vouchedFrom = Number.isFinite(reading.vouchedFrom) ? latest : Number.POSITIVE_INFINITY;
      [mark, signingKeys] = [asked, reading.signingKeys];
    },
  };
}

/** Tells of the first trouble and of its end, not of every attempt in between. */
function tellOfChanges(tell: (error: unknown) => void): (error: unknown) => void {
  let isTroubled = false;
  return (error) => {
    if (isTroubled !== (error !== null)) tell(error);
    isTroubled = error !== null;
  };
}

async function keepFollowing(
  { open, onTrouble }: Pick<RevocationsOptions, "open" | "onTrouble">,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const before = options.places.mark();
    try {
      await followOn(await open(), options, signal);
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
    }
    // A connection that was of use and is lost is replaced at once.
    const pause = options.places.mark() === before ? RECONNECT : 0;
    if (!signal.aborted) await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** Who stops does not wait for an answer that is on its way. */
async function followOn(
  connection: FeedConnection,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const close = () => connection.close();
  signal.addEventListener("abort", close);
  try {
    await follow(connection, options, signal);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
