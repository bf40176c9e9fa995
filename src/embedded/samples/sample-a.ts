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
import { usersOfA } from "./users.ts";

const idOf = (random: SeededRandom, users: readonly Row[]) =>
  users[random.integer(0, users.length - 1)]?.[0] ?? null;

/** A Python application's database: SQLAlchemy's names, Alembic's version table, usernames and no sign-in. */
export const sampleA: Shape = {
  users: usersOfA,
  beforeData: [
    tableEntry("alembic_version", "version_num character varying(32) NOT NULL"),
    tableEntry(
      "comments",
      "id integer NOT NULL",
      "project_id integer NOT NULL",
      "author_id integer NOT NULL",
      "body text NOT NULL",
      "created_at timestamp with time zone NOT NULL",
    ),
    ...serialEntries("comments", "integer"),
    tableEntry(
      "projects",
      "id integer NOT NULL",
      "owner_id integer NOT NULL",
      "name character varying(120) NOT NULL",
      "archived boolean NOT NULL",
      "created_at timestamp with time zone NOT NULL",
    ),
    ...serialEntries("projects", "integer"),
    tableEntry(
      "sessions",
      "id character varying(64) NOT NULL",
      "user_id integer NOT NULL",
      "user_agent character varying(255)",
      "created_at timestamp with time zone NOT NULL",
      "last_seen_at timestamp with time zone",
    ),
    tableEntry(
      "users",
      "id integer NOT NULL",
      "username character varying(50) NOT NULL",
      "created_at timestamp with time zone NOT NULL",
    ),
    ...serialEntries("users", "integer"),
    serialDefault("comments"),
    serialDefault("projects"),
    serialDefault("users"),
  ],
  tables: [
    { name: "alembic_version", columns: columns("version_num varchar"), rows: () => [["8f2c41d07b9e"]] },
    {
      name: "comments",
      columns: columns(
        "id integer",
        "project_id integer",
        "author_id integer",
        "body text",
        "created_at timestamptz",
      ),
      rows: comments,
    },
    {
      name: "projects",
      columns: columns(
        "id integer",
        "owner_id integer",
        "name varchar",
        "archived boolean",
        "created_at timestamptz",
      ),
      rows: projects,
    },
    {
      name: "sessions",
      columns: columns(
        "id varchar",
        "user_id integer",
        "user_agent varchar",
        "created_at timestamptz",
        "last_seen_at timestamptz",
      ),
      rows: sessions,
    },
    {
      name: "users",
      columns: columns("id integer", "username varchar", "created_at timestamptz"),
      rows: (users) => users,
    },
  ],
  sequences: { comments_id_seq: "comments", projects_id_seq: "projects", users_id_seq: "users" },
  afterData: [
    constraintEntry("alembic_version", "alembic_version_pkc", "PRIMARY KEY (version_num)"),
    constraintEntry("comments", "comments_pkey", "PRIMARY KEY (id)"),
    constraintEntry("projects", "projects_pkey", "PRIMARY KEY (id)"),
    constraintEntry("sessions", "sessions_pkey", "PRIMARY KEY (id)"),
    constraintEntry("users", "users_pkey", "PRIMARY KEY (id)"),
    constraintEntry("users", "users_username_key", "UNIQUE (username)"),
    indexEntry("comments", "ix_comments_author_id", "(author_id)"),
    indexEntry("projects", "ix_projects_owner_id", "(owner_id)"),
    indexEntry("sessions", "ix_sessions_user_id", "(user_id)"),
    foreignKeyEntry("comments", "comments_author_id_fkey", "(author_id) REFERENCES public.users(id)"),
    foreignKeyEntry(
      "comments",
      "comments_project_id_fkey",
      "(project_id) REFERENCES public.projects(id) ON DELETE CASCADE",
    ),
    foreignKeyEntry("projects", "projects_owner_id_fkey", "(owner_id) REFERENCES public.users(id)"),
    foreignKeyEntry(
      "sessions",
      "sessions_user_id_fkey",
      "(user_id) REFERENCES public.users(id) ON DELETE CASCADE",
    ),
  ],
};

const projectCount = (users: readonly Row[]) => Math.ceil(users.length / 4);

function* projects(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (let id = 1; id <= projectCount(users); id++) {
    const name = random.pick(["Roadmap", "Überarbeitung", "研究", 'R&D "secret"', "it's a plan"]);
    const archived = random.chance(0.2) ? "t" : "f";
    yield [String(id), idOf(random, users), `${name} ${id}`, archived, drawMoment(random)];
  }
}

function* comments(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (let id = 1; id <= users.length; id++) {
    const project = String(random.integer(1, projectCount(users)));
    const body = random.pick(["LGTM", "first line\nsecond line", "tab\tand \\ and \\N", "👍", ""]);
    yield [String(id), project, idOf(random, users), body, drawMoment(random)];
  }
}

function* sessions(users: readonly Row[], random: SeededRandom): Iterable<Row> {
  for (const [index] of users.entries()) {
    if (index % 2 === 0) continue;
    const agent = random.pick(["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", null]);
    const lastSeen = random.chance(0.8) ? drawMoment(random) : null;
    yield [random.hex(64), idOf(random, users), agent, drawMoment(random), lastSeen];
  }
}
