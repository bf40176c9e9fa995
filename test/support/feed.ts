import type pg from "pg";
import type { FeedPosition } from "../../src/tokens/revocations/feed-position.ts";
import { readFeed } from "../../src/tokens/revocations/read-feed.ts";
import { tokenKey } from "../../src/tokens/revocations/revocation-key.ts";
import { createRevocationSet, type RevocationSet } from "../../src/tokens/revocations/revocation-set.ts";
import type { TestDatabase } from "./postgres.ts";

/** Lets the graft seem old, so that memory vouches for the tokens of a test that has just made it. */
export async function ageGraft(database: TestDatabase): Promise<void> {
  await database.query("UPDATE authgraft.provenance SET recorded_at = recorded_at - interval '1 hour'");
}

/** Lets the graft be younger than every token, however long a test takes: memory vouches for none. */
export async function renewGraft(database: TestDatabase): Promise<void> {
  await database.query("UPDATE authgraft.provenance SET recorded_at = now() + interval '1 hour'");
}

/** A reader of the feed as a server is one, read when the test says so. */
export class FeedReader {
  readonly set: RevocationSet = createRevocationSet({ now: () => Date.now() / 1_000 });
  readonly #client: pg.Client;
  position: FeedPosition | null = null;
  /** Entries that came with the last reading. */
  lastCount = 0;
  vouchedFrom = Number.POSITIVE_INFINITY;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Reads what is new; returns whether everything was read. */
  async read(): Promise<boolean> {
    this.lastCount = 0;
    const reading = await readFeed(this.#client, "authgraft", this.position, (entries, count) => {
      this.lastCount += count;
      this.set.addPacked(entries, 0, count);
    });
    this.position = reading.position;
    this.vouchedFrom = reading.vouchedFrom;
    return reading.complete;
  }

  has(jti: string): boolean {
    return this.set.generationOf(tokenKey(jti)) > 0;
  }
}

/** A client, or a whole test database. */
interface Asked {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** Revokes tokens by hand, as anybody may who can write to the table (A10). */
export async function revokeByHand(client: Asked, jtis: readonly string[]): Promise<void> {
  await client.query(
    "INSERT INTO revoked_tokens (jti, expires_at) SELECT j, now() + interval '15 minutes' FROM unnest($1::text[]) j",
    [[...jtis]],
  );
}
