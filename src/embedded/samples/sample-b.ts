import { drawMoment } from "./names.ts";
import type { SeededRandom } from "./random.ts";
import {
  columns,
  constraintEntry,
  foreignKeyEntry,
  indexEntry,
  type Row,
  type Shape,
  serialDefault,
  serialEntries,
  tableEntry,
} from "./shape.ts";
import { usersOfB } from "./users.ts";

const idAt = (users: readonly Row[], index: number) => users[index % users.length]?.[0] ?? null;
const idOf = (random: SeededRandom, users: readonly Row[]) =>
  idAt(users, random.integer(0, users.length - 1));

/** A Go service's database: golang-migrate's version table, accounts that OAuth logins made. */
export const sampleB: Shape = {
  users: usersOfB,
  beforeData: [
    tableEntry(
      "audit_log",
      "id bigint NOT NULL",
      "user_id uuid",
      "action character varying(50) NOT NULL",
      "details jsonb DEFAULT '{}'::jsonb NOT NULL",
      "ip_address inet",
      "created_at timestamp with time zone DEFAULT now() NOT NULL",
    ),
    ...serialEntries("audit_log", "bigint"),
    tableEntry(
      "follows",
      "follower_id uuid NOT NULL",
      "followee_id uuid NOT NULL",
      "created_at timestamp with time zone DEFAULT now()",
    ),
    tableEntry(
      "posts",
      "id uuid DEFAULT gen_random_uuid() NOT NULL",
      "author_id uuid NOT NULL",
      "title character varying(200) NOT NULL",
      "body text",
      "created_at timestamp with time zone DEFAULT now()",
    ),
    tableEntry(
      "refresh_tokens",
      "id uuid DEFAULT gen_random_uuid() NOT NULL",
      "user_id uuid NOT NULL",
      "token_hash character varying(64) NOT NULL",
      "expires_at timestamp with time zone NOT NULL",
      "revoked_at timestamp with time zone",
      "created_at timestamp with time zone DEFAULT now()",
    ),
    tableEntry("schema_migrations", "version bigint NOT NULL", "dirty boolean NOT NULL"),
    tableEntry(
      "users",
      "id uuid DEFAULT gen_random_uuid() NOT NULL",
      "username character varying(30) NOT NULL",
      "display_name character varying(50) NOT NULL",
      "email character varying(255) NOT NULL",
      "auth_provider character varying(20) NOT NULL",
      "auth_provider_id character varying(255) NOT NULL",
      "avatar_url text",
      "bio character varying(500)",
      "role character varying(20) DEFAULT 'user'::character varying",
      "created_at timestamp with time zone DEFAULT now()",
      "updated_at timestamp with time zone DEFAULT now()",
    ),
    serialDefault("audit_log"),
  ],
  tables: [
    {
      name: "audit_log",
      columns: columns(
        "id bigint",
        "user_id uuid",
        "action varchar",
        "details jsonb",
        "ip_address inet",
        "created_at timestamptz",
      ),
      rows: auditLog,
    },
    {
      name: "follows",
      columns: columns("follower_id uuid", "followee_id uuid", "created_at timestamptz"),
      rows: follows,
    },
    {
      name: "posts",
      columns: columns("id uuid", "author_id uuid", "title varchar", "body text", "created_at timestamptz"),
      rows: posts,
    },
    {
      name: "refresh_tokens",
      columns: columns(
        "id uuid",
        "user_id uuid",
        "token_hash varchar",
        "expires_at timestamptz",
        "revoked_at timestamptz",
        "created_at timestamptz",
      ),
      rows: refreshTokens,
    },
    {
      name: "schema_migrations",
      columns: columns("version bigint", "dirty boolean"),
      rows: () => [["30", "f"]],
    },
    {
      name: "users",
      columns: columns(
        "id uuid",
        "username varchar",
        "display_name varchar",
        "email varchar",
        "auth_provider varchar",
        "auth_provider_id varchar",
        "avatar_url text",
        "bio varchar",
        "role varchar",
        "created_at timestamptz",
        "updated_at timestamptz",
      ),
      rows: (users) => users,
    },
  ],
  sequences: { audit_log_id_seq: "audit_log" },
  afterData: [
    constraintEntry("audit_log", "audit_log_pkey", "PRIMARY KEY (id)"),
    constraintEntry("follows", "follows_pkey", "PRIMARY KEY (follower_id, followee_id)"),
    constraintEntry("posts", "posts_pkey", "PRIMARY KEY (id)"),
    constraintEntry("refresh_tokens", "refresh_tokens_pkey", "PRIMARY KEY (id)"),
    constraintEntry("refresh_tokens", "refresh_tokens_token_hash_key", "UNIQUE (token_hash)"),
    constraintEntry("schema_migrations", "schema_migrations_pkey", "PRIMARY KEY (version)"),
    constraintEntry("users", "users_email_key", "UNIQUE (email)"),
    constraintEntry("users", "users_pkey", "PRIMARY KEY (id)"),
    constraintEntry("users", "users_username_key", "UNIQUE (username)"),
    indexEntry("audit_log", "idx_audit_log_user_id", "(user_id)"),
    indexEntry("posts", "idx_posts_author_id", "(author_id)"),
    indexEntry("refresh_tokens", "idx_refresh_tokens_user_id", "(user_id)"),
    indexEntry("users", "idx_users_auth_provider", "(auth_provider, auth_provider_id)"),
    foreignKeyEntry(
      "audit_log",
      "audit_log_user_id_fkey",
      "(user_id) REFERENCES public.users(id) ON DELETE SET NULL",
    ),
    foreignKeyEntry(
      "follows",
      "follows_followee_id_fkey",
      "(followee_id) REFERENCES public.users(id) ON DELETE CASCADE",
    ),
    foreignKeyEntry(
      "follows",
      "follows_follower_id_fkey",
      "(follower_id) REFERENCES public.users(id) ON DELETE CASCADE",
    ),
    foreignKeyEntry(
      "posts",
      "posts_author_id_fkey",
      "(author_id) REFERENCES public.users(id) ON DELETE CASCADE",
    ),
    foreignKeyEntry(
      "refresh_tokens",
      "refresh_tokens_user_id_fkey",
      "(user_id) REFERENCES public.users(id) ON DELETE CASCADE",
    ),
  ],
};

function* auditLog(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (let id = 1; id <= users.length; id++) {
    const user = random.chance(0.9) ? idOf(random, users) : null;
    const action = random.pick(["user.login", "user.logout", "post.created"]);
    const details = random.pick([
      "{}",
      '{"method": "oauth", "provider": "github"}',
      '{"note": "it\'s \\"quoted\\""}',
    ]);
    const address = random.pick([
      `192.0.2.${random.integer(1, 254)}`,
      `2001:db8::${random.integer(1, 9)}`,
      null,
    ]);
    yield [String(id), user, action, details, address, drawMoment(random)];
  }
}

/** Each user follows the one after it and the one some way down: no pair twice, nobody themselves. */
function* follows(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  if (users.length < 10) return;
  for (const [index, user] of users.entries()) {
    yield [user[0] ?? null, idAt(users, index + 1), drawMoment(random)];
    yield [user[0] ?? null, idAt(users, index + random.integer(2, users.length - 1)), drawMoment(random)];
  }
}

function* posts(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (let count = 0; count < users.length / 2; count++) {
    const title = random.pick(["Hello", "Привет", "It's here", "50% off \\o/", "名前について"]);
    const body = random.pick(["text", "one\n\ntwo\r\nthree", "\\.", null]);
    yield [random.uuid(), idOf(random, users), title, body, drawMoment(random)];
  }
}

function* refreshTokens(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (let count = 0; count < users.length; count++) {
    const revoked = random.chance(0.3) ? drawMoment(random) : null;
    yield [
      random.uuid(),
      idOf(random, users),
      random.hex(64),
      drawMoment(random),
      revoked,
      drawMoment(random),
    ];
  }
}
