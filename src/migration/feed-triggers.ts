import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { FEED_FUNCTIONS, FEED_TRIGGERS, tableName } from "./names.ts";
import type { Situation } from "./situation.ts";
import type { TableDefinition } from "./table-definition.ts";
import { ACCOUNTS, REVOKED_TOKENS, SESSIONS } from "./tables.ts";

/** A trigger of the feed. */
export interface FeedTrigger {
  readonly table: TableDefinition;
  readonly name: string;
  readonly event: "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE";
  readonly level: "row" | "statement";
  /** Over OLD and NEW, so that what ends nothing costs nothing; null: always. */
  readonly when: string | null;
  readonly function: string;
}

/** The clocks of two machines differ: what expired a moment ago is written down too. */
export const RECENT = "now() - interval '1 minute'";

/**
 * The triggers of the feed. Refreshing a session updates its row too, and comes to none of them. A column that a
 * condition names keeps its type as long as the trigger stands, so those on `revoked_tokens`, which may be the
 * application's own, have none.
 */
export const FEED: readonly FeedTrigger[] = [
  {
    table: REVOKED_TOKENS,
    name: FEED_TRIGGERS.insert,
    event: "INSERT",
    level: "row",
    when: null,
    function: FEED_FUNCTIONS.revoked_tokens,
  },
  {
    table: REVOKED_TOKENS,
    name: FEED_TRIGGERS.update,
    event: "UPDATE",
    level: "row",
    when: null,
    function: FEED_FUNCTIONS.revoked_tokens,
  },
  {
    table: SESSIONS,
    name: FEED_TRIGGERS.update,
    event: "UPDATE",
    level: "row",
    when:
      `OLD.token_expires_at > ${RECENT} AND (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL ` +
      `OR NEW.expires_at < OLD.expires_at AND NEW.expires_at < OLD.token_expires_at OR OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id)`,
    function: FEED_FUNCTIONS.sessions,
  },
  {
    table: SESSIONS,
    name: FEED_TRIGGERS.delete,
    event: "DELETE",
    level: "row",
    when: `OLD.token_expires_at > ${RECENT} AND OLD.ended_at IS NULL`,
    function: FEED_FUNCTIONS.sessions,
  },
  {
    table: SESSIONS,
    name: FEED_TRIGGERS.truncate,
    event: "TRUNCATE",
    level: "statement",
    when: null,
    function: FEED_FUNCTIONS.truncated,
  },
  {
    table: ACCOUNTS,
    name: FEED_TRIGGERS.insert,
    event: "INSERT",
    level: "row",
    when: "NEW.token_generation <> 0 OR NEW.disabled_at IS NOT NULL",
    function: FEED_FUNCTIONS.accounts,
  },
  {
    table: ACCOUNTS,
    name: FEED_TRIGGERS.update,
    event: "UPDATE",
    level: "row",
    when: "OLD.token_generation <> NEW.token_generation OR OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL",
    function: FEED_FUNCTIONS.accounts,
  },
  {
    table: ACCOUNTS,
    name: FEED_TRIGGERS.delete,
    event: "DELETE",
    level: "row",
    when: "OLD.token_generation <> 0 OR OLD.disabled_at IS NOT NULL",
    function: FEED_FUNCTIONS.accounts,
  },
];

/** The tables that the triggers stand on. */
export const FEED_TABLES: readonly TableDefinition[] = [REVOKED_TOKENS, SESSIONS, ACCOUNTS];

/**
 * @see https://www.postgresql.org/docs/current/sql-createtrigger.html
 */
export function createTrigger(situation: Situation, trigger: FeedTrigger): string {
  const when = trigger.when === null ? "" : ` WHEN (${trigger.when})`;
  return (
    `CREATE OR REPLACE TRIGGER ${quoteIdentifier(trigger.name)} AFTER ${trigger.event} ON ` +
    `${tableName(situation, trigger.table)} FOR EACH ${trigger.level.toUpperCase()}${when} ` +
    `EXECUTE FUNCTION ${qualify(situation.configuration.schema, trigger.function)}()`
  );
}

/** Takes one away. */
export function dropTrigger(situation: Situation, { name, table }: FeedTrigger): string {
  return `DROP TRIGGER IF EXISTS ${quoteIdentifier(name)} ON ${tableName(situation, table)}`;
}
