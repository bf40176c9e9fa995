import { recordingSql, recordingValues } from "../audit/record.ts";
import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { eventOf } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { throwIfAny } from "./fields/field-error.ts";
import {
  findProfileErrors,
  type ProfileChange,
  type ProfilePart,
  profileFields,
} from "./fields/profile-fields.ts";
import { runHook } from "./hooks.ts";
import { explainRefusal } from "./refused-values.ts";
import { keepsUsernamesUnique, reserveUsername } from "./reserve-username.ts";
import { goesOn } from "./sessions.ts";
import { toUser, type User, userFields } from "./user.ts";
import { hasId } from "./users-table.ts";

/** Changes what is named of a user's profile, and answers with the user as they are then. */
export type UpdateProfile = (
  claims: AccessTokenClaims,
  change: ProfileChange,
  caller?: Caller,
) => Promise<User>;

const PARTS = ["username", "display_name"] as const satisfies readonly ProfilePart[];

/**
 * Makes `updateProfile`: one statement that changes the row, writes down which parts, and asks besides whether the
 * token is good still, so that memory is enough to let a request in.
 *
 * It throws FieldsError (`field_invalid`, `field_unknown`, `username_taken`), SignInError `field_invalid` where the
 * application's own rules refuse the values, or `invalid_token`; Refusal or AuthgraftError `hook_failed` from its
 * hook; DatabaseError.
 */
export function createUpdateProfile(context: AccountsContext): UpdateProfile {
  const { pool, table, configuration } = context;
  const fields = profileFields(table, configuration);
  const hasHook = configuration.hooks.onProfileChange !== undefined;
  const statementFor = statements(context);
  const isKeptUnique = keepsUsernamesUnique(table);
  return async (claims, change, caller = {}) => {
    throwIfAny(findProfileErrors(change, fields));
    const isReserved = !isKeptUnique && change.username !== undefined;
    const work = async (client: Queryable) => {
      if (isReserved) await reserveUsername(client, table, change.username, claims.userId);
      return store(client, context, { claims, change, caller, statementFor });
    };
    try {
      return await (hasHook || isReserved ? withTransaction(pool, work) : work(pool));
    } catch (error) {
      const wanted = { id: claims.userId, username: change.username, what: "a change of a profile" };
      throw await explainRefusal(error, context, wanted);
    }
  };
}

interface Turn {
  readonly claims: AccessTokenClaims;
  readonly change: ProfileChange;
  readonly caller: Caller;
  readonly statementFor: StatementFor;
}

/** Places of parameters: four say who asks, nine tell the event. */
const FIRST_OF_EVENT = 5;
const FIRST_VALUE = 14;

async function store(
  client: Queryable,
  context: AccountsContext,
  { claims, change, caller, statementFor }: Turn,
): Promise<User> {
  const changed = PARTS.filter((part) => change[part] !== undefined);
  const { userId, sessionId, generation, tokenId } = claims;
  const happening = { event: "profile_changed", userId, sessionId, detail: { fields: changed } } as const;
  const values = [...recordingValues(eventOf(happening, caller)), ...changed.map((part) => change[part])];
  const { rows } = await client.query<User>(statementFor(changed), [
    ...[userId, sessionId, generation, tokenId],
    ...(changed.length === 0 ? [] : values),
  ]);
  const [row] = rows;
  if (row === undefined) throw new SignInError("invalid_token", "The access token is not valid.");
  const user = toUser(row);
  if (changed.length > 0) await runHook(client, context, "onProfileChange", { user }, caller);
  return user;
}

/** The statement that changes these parts. */
type StatementFor = (changed: readonly ProfilePart[]) => string;

/** Each is put together once: making a long text anew, and recognising it, costs time in every request. */
function statements(context: AccountsContext): StatementFor {
  const texts = new Map<string, string>();
  return (changed) => {
    const key = changed.join();
    const text = texts.get(key) ?? changeSql(context, changed);
    texts.set(key, text);
    return text;
  };
}

/** Where nothing is named the row is read only. */
function changeSql(context: AccountsContext, changed: readonly ProfilePart[]): string {
  const { table, configuration } = context;
  const fields = userFields(table, "from accounts");
  const isTheirs = `${hasId(table, 1)} AND s.user_id = u.${table.id} AND s.id = $2::uuid AND s.generation = $3::int4
    AND ${goesOn(context)} AND NOT EXISTS (SELECT FROM ${table.revokedTokens} r WHERE r.jti = $4::text)`;
  const sessions = `${table.sessions} s LEFT JOIN ${table.accounts} a ON a.user_id = s.user_id`;
  if (changed.length === 0) return `SELECT ${fields} FROM ${table.name} u, ${sessions} WHERE ${isTheirs}`;
  const assignments = changed.map(
    (part, place) => `${quoteIdentifier(table.mapping[part] ?? part)} = $${FIRST_VALUE + place}`,
  );
  return `WITH changed AS (
      UPDATE ${table.name} AS u SET ${assignments.join(", ")} FROM ${sessions} WHERE ${isTheirs} RETURNING ${fields}),
    recorded AS (${recordingSql(configuration.schema, FIRST_OF_EVENT, "changed")})
    SELECT * FROM changed`;
}
