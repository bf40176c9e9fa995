import type { SampleName } from "../../src/embedded/samples/shape.ts";
import type { TrafficOptions, TrafficStatement } from "../../src/migration/rehearse/traffic/options.ts";
import type { Profile } from "./profiles.ts";
import { TRAFFIC } from "./roles.ts";

/** The name of the statement whose failing after `up` PostgreSQL makes and `plan` foretells. */
export const STAR = "select *";

const KEY: Readonly<Record<SampleName, string>> = { a: "id = $1", b: "id = md5($1)::uuid" };

const COLUMNS: Readonly<Record<SampleName, string>> = {
  a: "id, username, created_at",
  b: "id, username, display_name, email, auth_provider, auth_provider_id, role, created_at, updated_at",
};

const CHANGE: Readonly<Record<SampleName, string>> = {
  a: "created_at = created_at + interval '1 second'",
  b: "updated_at = now()",
};

/** Two reads to a write, each of one row by its primary key. */
function statementsOf(shape: SampleName, rows: number): readonly TrafficStatement[] {
  const parameters = [{ kind: "range", from: 1, to: rows }] as const;
  const text = (sql: string) => ({ sql: `${sql} WHERE ${KEY[shape]}`, parameters });
  return [
    { name: "read", ...text(`SELECT ${COLUMNS[shape]} FROM users`), weight: 2 },
    { name: "write", ...text(`UPDATE users SET ${CHANGE[shape]}`) },
  ];
}

const STAR_STATEMENT: Omit<TrafficStatement, "parameters"> = {
  name: STAR,
  sql: "SELECT * FROM users WHERE id = $1",
  weight: 0.3,
};

const CLIENTS = 60;
const IN_TRANSACTION = { statements: 3, thinkMilliseconds: 25 };

/** What the application does in a profile. */
export function trafficOf(profile: Profile, rows: number, databaseUrl: string, seed: number): TrafficOptions {
  const statements = statementsOf(profile.shape, rows);
  const shared = { databaseUrl, seed, applicationName: TRAFFIC };
  if (profile.load === "busy") {
    const transaction = IN_TRANSACTION;
    return { ...shared, statements, ratePerSecond: null, connections: CLIENTS, prepared: false, transaction };
  }
  const open = { ...shared, ratePerSecond: 300, connections: 20 };
  if (profile.load === "open") return { ...open, statements, prepared: false };
  const parameters = statements[0]?.parameters ?? [];
  return { ...open, statements: [...statements, { ...STAR_STATEMENT, parameters }], prepared: true };
}

/** What is read on the standby. */
export function standbyTraffic(
  profile: Profile,
  rows: number,
  databaseUrl: string,
  seed: number,
): TrafficOptions {
  const statements = statementsOf(profile.shape, rows).slice(0, 1);
  const shared = { databaseUrl, statements, seed, applicationName: TRAFFIC };
  return { ...shared, ratePerSecond: 100, connections: 10, prepared: false };
}

/** The same change as other tools write it: one transaction, the index built in it, the foreign key with its table. */
export const PLAIN: Readonly<Record<SampleName, readonly string[]>> = {
  a: [
    "BEGIN",
    "ALTER TABLE users ADD COLUMN email varchar(255)",
    "ALTER TABLE users ADD COLUMN password_hash varchar(255)",
    "ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false",
    "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email)",
    `CREATE TABLE revoked_tokens (id serial PRIMARY KEY, user_id integer REFERENCES users (id), jti varchar(64) NOT NULL UNIQUE,
      revoked_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)`,
    "CREATE INDEX ix_revoked_tokens_user_id ON revoked_tokens (user_id)",
    "COMMIT",
  ],
  // The index is over the same expression as Authgraft's, so that only the way of building it differs.
  b: [
    "BEGIN",
    "ALTER TABLE users ADD COLUMN password_hash varchar(255)",
    "ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false",
    "ALTER TABLE users ALTER COLUMN auth_provider DROP NOT NULL",
    "ALTER TABLE users ALTER COLUMN auth_provider_id DROP NOT NULL",
    'CREATE UNIQUE INDEX users_email_lower_key ON users (lower(email COLLATE "C"))',
    `CREATE TABLE revoked_tokens (id bigserial PRIMARY KEY, user_id uuid REFERENCES users (id), jti varchar(64) NOT NULL UNIQUE,
      revoked_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)`,
    "CREATE INDEX idx_revoked_tokens_user_id ON revoked_tokens (user_id)",
    "COMMIT",
  ],
};

/** Back to what was there before the plain transaction. */
export const UNDO_PLAIN: Readonly<Record<SampleName, readonly string[]>> = {
  a: [
    "DROP TABLE revoked_tokens",
    "ALTER TABLE users DROP COLUMN email, DROP COLUMN password_hash, DROP COLUMN is_admin",
  ],
  b: [
    "DROP TABLE revoked_tokens",
    "DROP INDEX users_email_lower_key",
    "ALTER TABLE users DROP COLUMN password_hash, DROP COLUMN is_admin, ALTER COLUMN auth_provider SET NOT NULL, ALTER COLUMN auth_provider_id SET NOT NULL",
  ],
};

/** A concurrent build of the graft's own index, bare. The graft stands when it is measured. */
export const BARE_INDEX =
  'CREATE UNIQUE INDEX CONCURRENTLY bench_cic ON users (lower(email COLLATE "C")) WHERE email IS NOT NULL';

export const DROP_BARE_INDEX = "DROP INDEX IF EXISTS bench_cic";
