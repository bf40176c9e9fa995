import { nameWithSuffix, qualify } from "../postgres/identifiers.ts";
import type { Situation } from "./situation.ts";
import type { TableDefinition } from "./table-definition.ts";

/** The unique index on the email without regard to ASCII case. */
export function emailIndexName({ users }: Pick<Situation, "users">): string {
  return nameWithSuffix(users.name, "_email_authgraft_idx");
}

/** The plain UNIQUE constraint on the email, where the configuration asks for one. */
export function emailConstraintName({ users }: Pick<Situation, "users">): string {
  return nameWithSuffix(users.name, "_email_authgraft_key");
}

/** The helper constraint under which NOT NULL comes back on PostgreSQL 14 to 17. */
export function notNullCheckName(column: string): string {
  return nameWithSuffix(column, "_authgraft_not_null");
}

/** Where `down --archive` puts what would be lost. */
export function archiveSchemaName(graftSchema: string): string {
  return nameWithSuffix(graftSchema, "_archive");
}

/** The triggers that keep new values from arriving while `down` counts. */
export const FENCE_TRIGGERS = {
  insert: "authgraft_fence_insert",
  update: "authgraft_fence_update",
} as const;

/** The function behind the fence. */
export const FENCE_FUNCTION = "refuse_new_value";

/** The triggers that write down what ended, on the graft's tables. */
export const FEED_TRIGGERS = {
  insert: "authgraft_feed_insert",
  update: "authgraft_feed_update",
  delete: "authgraft_feed_delete",
  truncate: "authgraft_feed_truncate",
} as const;

/** The functions behind them, by the table they stand on. */
export const FEED_FUNCTIONS = {
  revoked_tokens: "revoke_token",
  sessions: "end_session",
  accounts: "end_tokens",
  truncated: "end_everything",
} as const;

/** Every function in the schema of the graft. */
export const OWN_FUNCTIONS: readonly string[] = [FENCE_FUNCTION, ...Object.values(FEED_FUNCTIONS)];

/** The users table, quoted. */
export function usersTable(situation: Situation): string {
  return qualify(situation.users.schema, situation.users.name);
}

/** The schema that a table of the graft stands in. */
export function schemaOf(situation: Situation, table: TableDefinition): string {
  return table.place === "users" ? situation.users.schema : situation.configuration.schema;
}

/** A table of the graft, quoted. */
export function tableName(situation: Situation, table: TableDefinition): string {
  return qualify(schemaOf(situation, table), table.name);
}
