import type { StatementText } from "./statement-text.ts";

const username = (run: number) => `old_application_${run}`;
const email = (run: number) => `old.application.${run}@example.com`;
const subject = (run: number) => `9${String(run).padStart(20, "0")}`;

const COLUMNS =
  "id, username, display_name, email, auth_provider, auth_provider_id, avatar_url, bio, role, created_at, updated_at";

const INSERT = `INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id)
          VALUES ($1, $2, $3, $4, $5)`;

/** As a Go service writes them: texts by hand, columns by name, and a few stars. */
export const statementsOfB: readonly StatementText[] = [
  {
    name: "insert",
    kind: "insert",
    sql: `${INSERT} RETURNING ${COLUMNS}`,
    parameters: (run) => [username(run), "Old Application", email(run), "google", subject(run)],
  },
  {
    name: "insert-neighbour",
    kind: "insert",
    sql: `INSERT INTO refresh_tokens (user_id, token_hash, expires_at)
          SELECT id, $1, $2 FROM users WHERE email = $3`,
    parameters: (run) => [`token ${run}`, "2030-01-01 00:00:00+00", email(run)],
  },
  {
    name: "select-by-provider",
    kind: "select",
    sql: `SELECT ${COLUMNS} FROM users WHERE auth_provider = $1 AND auth_provider_id = $2`,
    parameters: (run) => ["google", subject(run)],
  },
  {
    name: "select-star",
    kind: "select",
    sql: "SELECT * FROM users WHERE email = $1",
    parameters: (run) => [email(run)],
  },
  {
    name: "select-join",
    kind: "select",
    sql: `SELECT t.id, t.user_id, t.expires_at, u.role FROM refresh_tokens t JOIN users u ON u.id = t.user_id
          WHERE t.token_hash = $1`,
    parameters: (run) => [`token ${run}`],
  },
  {
    name: "update",
    kind: "update",
    sql: "UPDATE users SET display_name = $1, bio = $2, updated_at = now() WHERE email = $3",
    parameters: (run) => ["Renamed Application", "it's \\ new", email(run)],
  },
  {
    name: "update-returning-star",
    kind: "update",
    sql: "UPDATE users SET avatar_url = $1, updated_at = now() WHERE username = $2 RETURNING *",
    parameters: (run) => ["https://cdn.example.com/new.png", username(run)],
  },
  {
    name: "upsert-by-email",
    kind: "upsert",
    sql: `${INSERT}
          ON CONFLICT (email) DO UPDATE SET auth_provider = EXCLUDED.auth_provider,
            auth_provider_id = EXCLUDED.auth_provider_id, updated_at = now() RETURNING id`,
    parameters: (run) => [`${username(run)}_x`, "Old Application", email(run), "github", subject(run)],
  },
  {
    name: "upsert-by-username",
    kind: "upsert",
    sql: `${INSERT}
          ON CONFLICT (username) DO UPDATE SET display_name = EXCLUDED.display_name RETURNING id`,
    parameters: (run) => [
      username(run),
      "Old Application Again",
      `other.${email(run)}`,
      "google",
      subject(run),
    ],
  },
  {
    name: "delete",
    kind: "delete",
    sql: "DELETE FROM users WHERE email = $1",
    parameters: (run) => [email(run)],
  },
];
