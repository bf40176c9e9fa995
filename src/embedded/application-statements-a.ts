import type { StatementText } from "./statement-text.ts";

const username = (run: number) => `old application ${run}`;

/** As SQLAlchemy writes them: every column by name, and a few texts written by hand. */
export const statementsOfA: readonly StatementText[] = [
  {
    name: "insert",
    kind: "insert",
    sql: "INSERT INTO users (username, created_at) VALUES ($1, $2) RETURNING users.id",
    parameters: (run) => [username(run), "2024-05-06 07:08:09+00"],
  },
  {
    name: "insert-neighbour",
    kind: "insert",
    sql: `INSERT INTO sessions (id, user_id, user_agent, created_at)
          SELECT $1, users.id, $2, $3 FROM users WHERE users.username = $4`,
    parameters: (run) => [`session ${run}`, "curl/8.5.0", "2024-05-06 07:08:10+00", username(run)],
  },
  {
    name: "select",
    kind: "select",
    sql: "SELECT users.id AS users_id, users.username AS users_username, users.created_at AS users_created_at FROM users WHERE users.username = $1",
    parameters: (run) => [username(run)],
  },
  {
    name: "select-star",
    kind: "select",
    sql: "SELECT * FROM users WHERE username = $1",
    parameters: (run) => [username(run)],
  },
  {
    name: "select-join",
    kind: "select",
    sql: `SELECT sessions.id, sessions.user_id, username FROM sessions JOIN users ON users.id = sessions.user_id
          WHERE sessions.id = $1`,
    parameters: (run) => [`session ${run}`],
  },
  {
    name: "update",
    kind: "update",
    sql: "UPDATE users SET username = $1 WHERE users.username = $2",
    parameters: (run) => [`${username(run)} renamed`, username(run)],
  },
  {
    name: "update-returning-star",
    kind: "update",
    sql: "UPDATE users SET username = $1 WHERE username = $2 RETURNING *",
    parameters: (run) => [username(run), `${username(run)} renamed`],
  },
  {
    name: "upsert",
    kind: "upsert",
    sql: `INSERT INTO users (username, created_at) VALUES ($1, $2)
          ON CONFLICT (username) DO UPDATE SET created_at = excluded.created_at RETURNING users.id`,
    parameters: (run) => [username(run), "2025-01-02 03:04:05+00"],
  },
  {
    name: "delete",
    kind: "delete",
    sql: "DELETE FROM users WHERE users.username = $1",
    parameters: (run) => [username(run)],
  },
];
