import { MIGRATION_RUNS, MIGRATION_STEPS, PROVENANCE } from "./journal-tables.ts";
import { CREATED_AT, type TableDefinition, USER_ID } from "./table-definition.ts";

/**
 * The tables of the graft as data: the statements that make them, the check that they stand as they were
 * made, and the check whether an application's own `revoked_tokens` fits, are all read off this.
 */

/** One row a revoked access token, kept until the token would have expired anyway (A4). */
export const REVOKED_TOKENS: TableDefinition = {
  name: "revoked_tokens",
  place: "users",
  comment: "Access tokens that were revoked one by one, by jti (RFC 7519, 4.1.7).",
  columns: [
    { name: "id", type: "bigint", notNull: true, identity: true },
    { name: "user_id", type: USER_ID, notNull: false },
    { name: "jti", type: "character varying(255)", notNull: true },
    { name: "revoked_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "expires_at", type: "timestamp with time zone", notNull: true },
  ],
  primaryKey: ["id"],
  unique: [["jti"]],
  indexes: [
    { name: "revoked_tokens_user_id_idx", columns: ["user_id"] },
    { name: "revoked_tokens_expires_at_idx", columns: ["expires_at"] },
  ],
  onUserDelete: "SET NULL",
};

/** What Authgraft knows of a user beyond the users table; one row a user, made when first needed. */
export const ACCOUNTS: TableDefinition = {
  name: "accounts",
  place: "graft",
  comment: "What Authgraft knows of a user beyond the users table; made when first needed.",
  columns: [
    { name: "user_id", type: USER_ID, notNull: true },
    { name: "verified_email", type: "character varying(255)", notNull: false },
    { name: "verified_at", type: "timestamp with time zone", notNull: false },
    { name: "disabled_at", type: "timestamp with time zone", notNull: false },
    { name: "token_generation", type: "integer", notNull: true, default: "0" },
    { name: "password_changed_at", type: "timestamp with time zone", notNull: false },
    CREATED_AT,
    { name: "closed_at", type: "timestamp with time zone", notNull: false },
  ],
  primaryKey: ["user_id"],
  unique: [],
  indexes: [],
  onUserDelete: "CASCADE",
};

/** One row a login on a device. */
export const SESSIONS: TableDefinition = {
  name: "sessions",
  place: "graft",
  comment: "One login on one device.",
  columns: [
    { name: "id", type: "uuid", notNull: true, default: "gen_random_uuid()" },
    { name: "user_id", type: USER_ID, notNull: true },
    CREATED_AT,
    { name: "expires_at", type: "timestamp with time zone", notNull: true },
    { name: "ended_at", type: "timestamp with time zone", notNull: false },
    { name: "generation", type: "integer", notNull: true, default: "0" },
    { name: "token_expires_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "last_used_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "refresh_hash", type: "bytea", notNull: false },
    { name: "used_refresh_hashes", type: "jsonb", notNull: true, default: "'[]'::jsonb" },
    { name: "user_agent", type: "character varying(255)", notNull: false },
    { name: "address", type: "character varying(64)", notNull: false },
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [
    { name: "sessions_user_id_idx", columns: ["user_id"] },
    { name: "sessions_expires_at_idx", columns: ["expires_at"] },
    { name: "sessions_ended_at_idx", columns: ["ended_at"] },
  ],
  onUserDelete: "CASCADE",
};

/**
 * What ended before it expired, for the memory of every server: written by triggers, read by transaction id, so
 * that a transaction which commits late is missed by nobody.
 */
export const REVOCATIONS: TableDefinition = {
  name: "revocations",
  place: "graft",
  comment: "What ended before it expired: written by triggers, followed by every server.",
  columns: [
    { name: "id", type: "bigint", notNull: true, identity: true },
    { name: "transaction_id", type: "xid8", notNull: true, default: "pg_current_xact_id()" },
    { name: "key", type: "bytea", notNull: false },
    { name: "generation", type: "bigint", notNull: true, default: "'4294967295'::bigint" },
    { name: "expires_at", type: "timestamp with time zone", notNull: true },
    CREATED_AT,
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [
    { name: "revocations_transaction_id_idx", columns: ["transaction_id", "id"] },
    { name: "revocations_expires_at_idx", columns: ["expires_at"] },
  ],
  onUserDelete: null,
};

/** What happened to accounts, for whoever has to find out later; it outlives the user. */
export const AUDIT_LOG: TableDefinition = {
  name: "audit_log",
  place: "graft",
  comment: "What happened to accounts and sessions.",
  columns: [
    { name: "id", type: "uuid", notNull: true, default: "gen_random_uuid()" },
    { name: "occurred_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "event", type: "character varying(64)", notNull: true },
    { name: "user_id", type: "text", notNull: false },
    { name: "session_id", type: "uuid", notNull: false },
    { name: "address", type: "character varying(64)", notNull: false },
    { name: "detail", type: "jsonb", notNull: false },
    { name: "result", type: "character varying(16)", notNull: true, default: "'success'::character varying" },
    { name: "actor", type: "character varying(16)", notNull: true, default: "'user'::character varying" },
    { name: "actor_id", type: "text", notNull: false },
    { name: "user_agent", type: "character varying(255)", notNull: false },
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [
    { name: "audit_log_occurred_at_id_idx", columns: ["occurred_at", "id"] },
    { name: "audit_log_user_id_idx", columns: ["user_id"] },
  ],
  replaced: ["audit_log_occurred_at_idx"],
  onUserDelete: null,
};

/** What was sent to somebody to come back once: a link in a mail, or one that an administrator hands over. */
export const ONE_TIME_TOKENS: TableDefinition = {
  name: "one_time_tokens",
  place: "graft",
  comment: "Links that work once, by the hash of their token; a row is gone when its link was used.",
  columns: [
    { name: "id", type: "uuid", notNull: true, default: "gen_random_uuid()" },
    { name: "purpose", type: "character varying(32)", notNull: true },
    { name: "token_hash", type: "bytea", notNull: true },
    { name: "user_id", type: USER_ID, notNull: false },
    { name: "email", type: "character varying(255)", notNull: false },
    { name: "change_id", type: "uuid", notNull: false },
    { name: "detail", type: "jsonb", notNull: false },
    CREATED_AT,
    { name: "expires_at", type: "timestamp with time zone", notNull: true },
  ],
  primaryKey: ["id"],
  unique: [["token_hash"]],
  indexes: [
    { name: "one_time_tokens_user_id_idx", columns: ["user_id"] },
    { name: "one_time_tokens_expires_at_idx", columns: ["expires_at"] },
  ],
  onUserDelete: "CASCADE",
};

/** Mail that waits to be sent. What it says and to whom is sealed: it holds links that let somebody in. */
export const MAIL_QUEUE: TableDefinition = {
  name: "mail_queue",
  place: "graft",
  comment: "Mail to be sent, as a JWE under AUTHGRAFT_SECRET; a row is gone when its mail was sent.",
  columns: [
    { name: "id", type: "uuid", notNull: true, default: "gen_random_uuid()" },
    { name: "sealed", type: "text", notNull: true },
    { name: "attempts", type: "integer", notNull: true, default: "0" },
    { name: "next_attempt_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    CREATED_AT,
    { name: "expires_at", type: "timestamp with time zone", notNull: true },
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [
    { name: "mail_queue_next_attempt_at_idx", columns: ["next_attempt_at"] },
    { name: "mail_queue_expires_at_idx", columns: ["expires_at"] },
  ],
  onUserDelete: null,
};

/** How often somebody has tried something. The columns are those that rate-limiter-flexible works on. */
export const RATE_LIMITS: TableDefinition = {
  name: "rate_limits",
  place: "graft",
  comment: "Attempts within a time, by digest of the account, address or device; expire is in ms since 1970.",
  columns: [
    { name: "key", type: "character varying(255)", notNull: true },
    { name: "points", type: "integer", notNull: true, default: "0" },
    { name: "expire", type: "bigint", notNull: false },
  ],
  primaryKey: ["key"],
  unique: [],
  indexes: [{ name: "rate_limits_expire_idx", columns: ["expire"] }],
  onUserDelete: null,
};

/** The keys that access tokens are signed with; private parts are encrypted under AUTHGRAFT_SECRET. */
export const SIGNING_KEYS: TableDefinition = {
  name: "signing_keys",
  place: "graft",
  comment: "The keys that sign access tokens; the private part is a JWE under AUTHGRAFT_SECRET.",
  columns: [
    { name: "kid", type: "character varying(64)", notNull: true },
    { name: "algorithm", type: "character varying(16)", notNull: true },
    { name: "public_jwk", type: "jsonb", notNull: true },
    { name: "private_jwe", type: "text", notNull: true },
    CREATED_AT,
    { name: "active_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "retired_at", type: "timestamp with time zone", notNull: false },
    { name: "expires_at", type: "timestamp with time zone", notNull: false },
  ],
  primaryKey: ["kid"],
  unique: [],
  indexes: [],
  onUserDelete: null,
};

/** The tables with a foreign key to the users table. */
export const USER_TABLES: readonly TableDefinition[] = [REVOKED_TOKENS, ACCOUNTS, SESSIONS, ONE_TIME_TOKENS];

/** Every table of the graft. */
export const ALL_TABLES: readonly TableDefinition[] = [
  PROVENANCE,
  MIGRATION_RUNS,
  MIGRATION_STEPS,
  REVOKED_TOKENS,
  ACCOUNTS,
  SESSIONS,
  SIGNING_KEYS,
  REVOCATIONS,
  AUDIT_LOG,
  ONE_TIME_TOKENS,
  MAIL_QUEUE,
  RATE_LIMITS,
];
