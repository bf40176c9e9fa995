import { SignInError } from "../errors.ts";
import { notificationChannel } from "../postgres/channel.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { notedValues, noting } from "./revoke.ts";
import { undecided } from "./undecided.ts";
import { hasId } from "./users-table.ts";

/** Ends one of a user's sessions by its id. */
export type EndSession = (
  holder: Pick<AccessTokenClaims, "userId">,
  sessionId: string,
  caller?: Caller,
) => Promise<void>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes `endSession`; ending it again changes nothing. It throws SignInError `session_not_found` where the user
 * has no such session, whoever else may have it; DatabaseError.
 */
export function createEndSession({ pool, table, configuration }: AccountsContext): EndSession {
  const text = `WITH own AS (
       SELECT s.id FROM ${table.sessions} s JOIN ${table.name} u ON u.${table.id} = s.user_id
        WHERE ${hasId(table, 1)} AND s.id = $2::uuid),
     ended AS (UPDATE ${table.sessions} s SET ended_at = now() FROM own WHERE s.id = own.id AND s.ended_at IS NULL
       RETURNING s.user_id::text AS user_id, s.id AS session_id),
     ${noting(configuration.schema, "ended", 4)}
     SELECT pg_notify($3::text, '') FROM own`;
  const channel = notificationChannel(configuration.schema);
  return async ({ userId }, sessionId, caller = {}) => {
    if (!UUID.test(sessionId)) throw notFound();
    const noted = notedValues({ event: "session_ended", caller });
    const { rows } = await pool
      .query(text, [userId, sessionId, channel, ...noted])
      .catch((error: unknown) => {
        throw undecided(error);
      });
    if (rows.length === 0) throw notFound();
  };
}

function notFound(): SignInError {
  return new SignInError("session_not_found", "You have no such session.");
}
