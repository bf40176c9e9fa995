import { notificationChannel } from "../postgres/channel.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../postgres/identifiers.ts";
import { RECENT } from "./feed-triggers.ts";
import { FEED_FUNCTIONS, tableName } from "./names.ts";
import type { Situation } from "./situation.ts";
import { REVOCATIONS } from "./tables.ts";

/** No token lives longer than a day (`tokens.lifetimeSeconds`), and two clocks differ by less than a minute. */
const LONGEST_TOKEN = "interval '1 day 1 minute'";

/** What means: whatever the token's generation is. */
const EVERY_GENERATION = "4294967295";

/** SQL_ASCII knows no encoding, and raises where its bytes are no UTF-8: nobody signs in by such an id anyway. */
const ENCODING = "CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END";

/** A function that a trigger calls. */
export interface FeedFunction {
  readonly name: string;
  readonly body: string;
}

/**
 * The functions behind the feed. They run with their owner's rights, for whoever may revoke a token need not be
 * able to write the feed; the `search_path` is pinned for that.
 *
 * @see https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
 */
export function feedFunctions(situation: Situation): FeedFunction[] {
  return [
    { name: FEED_FUNCTIONS.revoked_tokens, body: revokeToken(situation) },
    { name: FEED_FUNCTIONS.sessions, body: endSession(situation) },
    { name: FEED_FUNCTIONS.accounts, body: endTokens(situation) },
    { name: FEED_FUNCTIONS.truncated, body: endEverything(situation) },
  ];
}

/** Makes one of them, for nobody else to call. */
export function createFunction(situation: Situation, { name, body }: FeedFunction): string[] {
  const signature = `${qualify(situation.configuration.schema, name)}()`;
  return [
    `CREATE OR REPLACE FUNCTION ${signature} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER ` +
      `SET search_path = pg_catalog, pg_temp AS ${quoteLiteral(body)}`,
    `ALTER FUNCTION ${signature} OWNER TO ${quoteIdentifier(situation.users.owner)}`,
    `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`,
  ];
}

function revokeToken(situation: Situation): string {
  return block(situation, [
    `IF coalesce(NEW.expires_at > ${RECENT}, true) THEN`,
    `  ${record(situation, "'jti ' || NEW.jti", "coalesce(NEW.expires_at, 'infinity')")}`,
    "END IF;",
  ]);
}

/**
 * A user's id may be changed, and a session cut short: the tokens of the old one, or those that were to live longer,
 * are the business of the database from then on.
 */
function endSession(situation: Situation): string {
  const ended = record(situation, "'sid ' || OLD.id::text", "OLD.token_expires_at");
  return block(situation, [
    "IF TG_OP = 'DELETE' THEN",
    `  ${ended}`,
    "ELSE",
    "  IF OLD.user_id <> NEW.user_id OR NEW.expires_at < OLD.expires_at THEN",
    `    ${record(situation, "'sub ' || OLD.user_id::text", "OLD.token_expires_at")}`,
    "  END IF;",
    "  IF OLD.id <> NEW.id OR NEW.ended_at IS NOT NULL THEN",
    `    ${ended}`,
    "  END IF;",
    "END IF;",
  ]);
}

/** Tokens of an earlier generation, and all of them while the account is disabled or when its row is gone. */
function endTokens(situation: Situation): string {
  const before = "OLD.token_generation::bigint + 1";
  const after = "NEW.token_generation + CASE WHEN NEW.disabled_at IS NULL THEN 0 ELSE 1 END";
  return block(situation, [
    "IF TG_OP = 'DELETE' THEN",
    `  ${record(situation, "'sub ' || OLD.user_id::text", `clock_timestamp() + ${LONGEST_TOKEN}`, before)}`,
    "ELSIF TG_OP = 'UPDATE' AND OLD.token_generation > NEW.token_generation THEN",
    `  ${record(situation, "'sub ' || NEW.user_id::text", `clock_timestamp() + ${LONGEST_TOKEN}`, before)}`,
    "ELSE",
    `  ${record(situation, "'sub ' || NEW.user_id::text", `clock_timestamp() + ${LONGEST_TOKEN}`, after)}`,
    "END IF;",
  ]);
}

/** Without a key: whatever is older than this row is the business of the database. */
function endEverything(situation: Situation): string {
  const table = tableName(situation, REVOCATIONS);
  // The transaction may have begun long before: a login since then is meant too.
  return block(situation, [
    `INSERT INTO ${table} (created_at, expires_at) VALUES (clock_timestamp(), clock_timestamp() + ${LONGEST_TOKEN});`,
  ]);
}

function record(
  situation: Situation,
  text: string,
  expiresAt: string,
  generation = EVERY_GENERATION,
): string {
  return (
    `INSERT INTO ${tableName(situation, REVOCATIONS)} (key, expires_at, generation) ` +
    `VALUES (substr(sha256(convert_to(${text}, ${ENCODING})), 1, 16), ${expiresAt}, ${generation});`
  );
}

/**
 * A transaction that has notified cannot be prepared for a two-phase commit. Where that could happen to the
 * application's own (its DELETE comes here too), servers see the row when they next look, a moment later.
 *
 * @see https://www.postgresql.org/docs/current/sql-prepare-transaction.html
 */
function block(situation: Situation, lines: readonly string[]): string {
  const channel = quoteLiteral(notificationChannel(situation.configuration.schema));
  return [
    "",
    "BEGIN",
    ...lines.map((line) => `  ${line}`),
    "  IF current_setting('max_prepared_transactions') = '0' THEN",
    `    PERFORM pg_notify(${channel}, '');`,
    "  END IF;",
    "  RETURN NULL;",
    "END",
  ].join("\n");
}
