import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { hashText, MOST_USED, REPEAT_WINDOW } from "../tokens/decide-refresh.ts";
import type { PresentedRefreshToken } from "../tokens/refresh-tokens.ts";
import type { AccountsContext } from "./context.ts";
import { goesOn, type Mint } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser, type User, userFields } from "./user.ts";

/** Takes a refresh token that may be used for the next; null for any other, about which nothing was done. */
export type RotateAtOnce = (presented: PresentedRefreshToken, mint: Mint) => Promise<SignedIn | null>;

/** Numbers are texts: pools have type parsers of their own. */
interface Rotated extends User {
  readonly generation: string;
  readonly expires_at: string;
}

/**
 * Makes `rotateAtOnce`: what nearly every refresh comes to, as one statement that changes the session only while the
 * token is the one that may be used. The successor is derived from the token, so it is known before anything is asked.
 */
export function createRotateAtOnce(context: AccountsContext): RotateAtOnce {
  const { pool, configuration, now } = context;
  const text = rotationSql(context);
  return async (presented, mint) => {
    const { sessionId, hash } = presented;
    const [successor] = presented.successors();
    // The row says until when there may be a token: however long the answer takes, none is made that lives longer.
    const latest = Math.floor(now() / 1_000) + configuration.tokens.lifetimeSeconds;
    const { rows } = await pool.query<Rotated>(text, [
      ...[sessionId, hash, successor.hash, latest + CLOCK_SKEW_SECONDS, hashText(hash)],
    ]);
    const [row] = rows;
    if (row === undefined) return null;
    const expiresBy = Math.min(Number(row.expires_at), latest);
    const subject = { userId: row.id, sessionId, generation: Number(row.generation), expiresBy };
    const { token } = await mint(subject);
    return { token, user: toUser(row), refresh_token: successor.token };
  };
}

/** The tokens of the last ten seconds stay known, as `decideRefresh` keeps them. */
function rotationSql(context: AccountsContext): string {
  const { table } = context;
  const milliseconds = "floor(extract(epoch FROM clock_timestamp()) * 1000)";
  return `UPDATE ${table.sessions} s SET last_used_at = now(), refresh_hash = $3::bytea,
       token_expires_at = greatest(s.token_expires_at, to_timestamp($4::float8)),
       used_refresh_hashes = (SELECT jsonb_agg(used ORDER BY place) FROM (
         SELECT jsonb_build_object('hash', $5::text, 'at', ${milliseconds}) AS used, 0 AS place
         UNION ALL
         SELECT used, place FROM jsonb_array_elements(s.used_refresh_hashes) WITH ORDINALITY AS u (used, place)
          WHERE (used->>'at')::float8 >= ${milliseconds} - ${REPEAT_WINDOW} AND place < ${MOST_USED}) AS recent)
    FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
   WHERE s.id = $1::uuid AND s.refresh_hash = $2::bytea AND u.${table.id} = s.user_id AND ${goesOn(context)}
   RETURNING ${userFields(table, "from accounts")}, s.generation::text AS generation,
     extract(epoch FROM s.expires_at)::text AS expires_at`;
}
