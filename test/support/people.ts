import { AT_COMMAND_LINE } from "../../src/accounts/admin/acting.ts";
import { createMakeClaimLink } from "../../src/accounts/claim-links.ts";
import { describeUsersTable, type UsersTable } from "../../src/accounts/users-table.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { Configuration } from "../../src/config/schema.ts";
import { inspect } from "../../src/migration/status.ts";
import { tokenIn } from "./mails.ts";
import type { TestDatabase } from "./postgres.ts";

/** A user who was there before the graft. */
export interface OldUser {
  readonly id: string;
  readonly username: string;
  /** Null on sample A, which has none. */
  readonly email: string | null;
}

/** A user of a sample without anything odd about them: the one at that place. */
export async function oldUser(database: TestDatabase, place = 20): Promise<OldUser> {
  const { rows } = await database.query<OldUser>(
    "SELECT id::text AS id, username, email FROM users WHERE username ~ '^[a-z0-9_]+$' ORDER BY id LIMIT 1 OFFSET $1",
    [place],
  );
  const [user] = rows;
  if (user === undefined) throw new Error("the sample has no such user");
  return user;
}

/** What statements about links are made with, outside of a server. */
export async function linkParts(
  database: TestDatabase,
): Promise<{ readonly table: UsersTable; readonly configuration: Configuration }> {
  const configuration = parseConfiguration({});
  const { situation } = await inspect({ databaseUrl: database.url, configuration });
  return {
    configuration,
    table: describeUsersTable(situation.users, situation.mapping, configuration.schema),
  };
}

/** Makes a claim link as an administrator does, and returns its token. */
export async function claimToken(database: TestDatabase, userId: string): Promise<string> {
  const make = createMakeClaimLink({ pool: database.pool(), ...(await linkParts(database)) });
  return tokenIn((await make(userId, AT_COMMAND_LINE)).link);
}

/** Lets all links have expired, as if their time had passed. */
export async function letLinksExpire(database: TestDatabase): Promise<void> {
  await database.query(
    "UPDATE authgraft.one_time_tokens SET created_at = created_at - interval '60 days', expires_at = expires_at - interval '60 days'",
  );
}

/** How many rows a table, or a part of it, has. */
export async function count(database: TestDatabase, from: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int4 AS count FROM ${from}`);
  return rows[0]?.count ?? -1;
}

/** How many connections to the database wait for a lock. */
export function waiting(database: TestDatabase): Promise<number> {
  return count(database, "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
}
