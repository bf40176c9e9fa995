import { query } from "../../scripts/support/database-server.ts";

/** Rows of one statement. */
const AT_ONCE = 100_000;

/** Connections that write: nothing of it is measured. */
const WRITERS = 2;

/** Revokes so many tokens that nobody has, as whoever revokes one does: the feed is written by its triggers. */
export async function revokeTokens(url: string, count: number): Promise<void> {
  await inSteps(count, (from, to) =>
    query(
      url,
      `INSERT INTO public.revoked_tokens (user_id, jti, expires_at)
       SELECT NULL, 'revoked ' || i, now() + interval '2 hours' FROM generate_series($1::int, $2::int) i`,
      [from, to],
    ),
  );
  await settle(url);
}

/**
 * Writes so many entries into the feed itself: millions of them by way of its triggers would take minutes. Every
 * second one expires in a quarter of an hour, the others in two hours.
 */
export async function fillFeed(url: string, count: number): Promise<void> {
  await inSteps(count, (from, to) =>
    query(
      url,
      `INSERT INTO authgraft.revocations (key, expires_at, generation)
       SELECT substr(sha256(convert_to('filled ' || i, 'UTF8')), 1, 16),
         now() + CASE WHEN i % 2 = 0 THEN interval '15 minutes' ELSE interval '2 hours' END, 4294967295
         FROM generate_series($1::int, $2::int) i`,
      [from, to],
    ),
  );
  await settle(url);
}

async function inSteps(count: number, insert: (from: number, to: number) => Promise<unknown>): Promise<void> {
  let next = 1;
  const write = async () => {
    while (next <= count) {
      const from = next;
      next += AT_ONCE;
      await insert(from, Math.min(count, from + AT_ONCE - 1));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** What would be done in the background, at a time nobody knows. */
async function settle(url: string): Promise<void> {
  await query(url, "VACUUM (ANALYZE) authgraft.revocations");
  await query(url, "VACUUM (ANALYZE) public.revoked_tokens");
}
