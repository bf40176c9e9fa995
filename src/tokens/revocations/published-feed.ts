import { AuthgraftError, DatabaseError } from "../../errors.ts";
import type { Pool, PoolClient } from "../../postgres/client.ts";
import { within } from "../../postgres/share-queries.ts";
import type { SigningKeys } from "../signing-keys.ts";
import type { FeedCursor } from "./feed-cursor.ts";
import { readPosition } from "./feed-position.ts";
import { createFeedStreams, type FeedStreams } from "./feed-streams.ts";
import { createGate } from "./gate.ts";
import type { Revocations } from "./revocations.ts";
import { signSnapshot } from "./signed-snapshot.ts";
import { type FeedPart, readPart } from "./snapshot.ts";

/** Who asks what was revoked, and since when. */
export interface SnapshotQuestion {
  /** The service's id. */
  readonly service: string;
  /** A position that was handed out; everything is told where it is none, or of another database. */
  readonly after: string | undefined;
  readonly cursor: FeedCursor | null;
  readonly nonce: string;
}

/** The feed as other services have it. */
export interface PublishedFeed extends FeedStreams {
  /**
   * A part of what was revoked since a position, read from the database now, as a compact JWS.
   *
   * @throws DatabaseError
   */
  snapshot(question: SnapshotQuestion): Promise<string>;
}

/** What publishing takes. */
export interface PublishedFeedOptions {
  readonly pool: Pool;
  readonly schema: string;
  readonly issuer: string;
  readonly keys: SigningKeys;
  readonly revocations: Pick<Revocations, "subscribe">;
  /** Whether every token has to be confirmed by asking about it. */
  readonly confirm: boolean;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Readings at once, so that those who follow leave connections to those who sign in. */
const READINGS = 2;

/** Milliseconds for a reading, the wait for its turn included. */
const PATIENCE = 5_000;

/** Puts the feed together for other services. */
export function publishFeed(options: PublishedFeedOptions): PublishedFeed {
  const { issuer, keys, confirm, now } = options;
  const read = createReader(options);
  let known: string | undefined;
  /** Memory may be a moment behind what was read just now. */
  const keyIds = async ({ signingKeys }: FeedPart) => {
    if (signingKeys !== known) await keys.reload();
    known = signingKeys;
    return (await keys.publicKeys()).map(({ kid = "" }) => kid);
  };
  return {
    ...createFeedStreams({ read, subscribe: options.revocations.subscribe }),
    async snapshot({ service, after, cursor, nonce }) {
      const part = await read(after, cursor);
      const answer = { issuer, service, nonce, issuedAt: Math.floor(now() / 1_000), confirm };
      return signSnapshot(await keys.current(), part, { ...answer, keyIds: await keyIds(part) });
    },
  };
}

function createReader({ pool, schema }: PublishedFeedOptions) {
  const gate = createGate(READINGS);
  return async (after: string | undefined, cursor: FeedCursor | null): Promise<FeedPart> => {
    const since = after === undefined ? null : readPosition(after);
    const read = (client: PoolClient) => readPart(client, schema, { since, cursor });
    try {
      return await within(PATIENCE, (signal) => gate(() => lend(pool, signal, read)));
    } catch (error) {
      if (error instanceof AuthgraftError) throw error;
      throw new DatabaseError("database_error", "The database cannot say.", { cause: error });
    }
  };
}

/** A connection that did not answer in time is not used again. */
async function lend<Result>(
  pool: Pool,
  signal: AbortSignal,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const client = await pool.connect();
  let isReleased = false;
  const release = (destroy: boolean) => {
    if (!isReleased) client.release(destroy);
    isReleased = true;
  };
  const giveUp = () => release(true);
  signal.addEventListener("abort", giveUp);
  try {
    signal.throwIfAborted();
    return await work(client);
  } finally {
    signal.removeEventListener("abort", giveUp);
    release(false);
  }
}
