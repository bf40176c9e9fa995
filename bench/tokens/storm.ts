import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { SeededRandom } from "../../src/embedded/samples/random.ts";
import { connect } from "../../src/postgres/connect.ts";

/** One transaction that revokes some tokens. */
export interface StormTransaction {
  readonly tokenIds: readonly string[];
  /** Milliseconds that it stays open when it has written. */
  readonly lingers: number;
  readonly commits: boolean;
}

/** Connections that revoke at the same time. */
const WRITERS = 24;

/** Rows of a transaction, the last of them rarely. */
const SIZES = [1, 1, 1, 1, 1, 1, 10, 10, 10, 100, 100, 500] as const;

/** The part of the transactions that stay open, for so many milliseconds at the most, and that are rolled back. */
const [LATE, LONGEST, ROLLED_BACK] = [0.15, 3_000, 0.05];

/** Draws transactions until so many tokens are revoked by those that commit. */
export function planStorm(count: number, seed: number): StormTransaction[] {
  const random = new SeededRandom(seed, "storm");
  const transactions: StormTransaction[] = [];
  for (let [revoked, id] = [0, 0]; revoked < count; ) {
    const commits = !random.chance(ROLLED_BACK);
    const size = Math.min(random.pick(SIZES), count - revoked);
    const tokenIds = Array.from({ length: size }, () => `storm ${seed} ${id++}`);
    const lingers = random.chance(LATE) ? random.integer(1, LONGEST) : 0;
    transactions.push({ tokenIds, lingers, commits });
    if (commits) revoked += size;
  }
  return transactions;
}

/** Does them all in about so many milliseconds, several at a time. */
export async function raiseStorm(
  url: string,
  transactions: readonly StormTransaction[],
  milliseconds: number,
): Promise<void> {
  const begun = performance.now();
  let next = 0;
  const write = async () => {
    const client = await connect(url, { applicationName: "bench storm" });
    try {
      for (let turn = next++; turn < transactions.length; turn = next++) {
        const due = begun + (milliseconds * turn) / transactions.length;
        await sleep(Math.max(0, due - performance.now()));
        const transaction = transactions[turn];
        if (transaction !== undefined) await perform(client, transaction);
      }
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** In two statements, so that transactions lie over one another. */
async function perform(client: pg.Client, { tokenIds, lingers, commits }: StormTransaction): Promise<void> {
  const half = tokenIds.length >> 1;
  await client.query("BEGIN");
  for (const part of [tokenIds.slice(0, half), tokenIds.slice(half)]) {
    await client.query(
      `INSERT INTO public.revoked_tokens (jti, expires_at)
       SELECT jti, now() + interval '2 hours' FROM unnest($1::text[]) jti`,
      [part],
    );
  }
  if (lingers > 0) await sleep(lingers);
  await client.query(commits ? "COMMIT" : "ROLLBACK");
}
