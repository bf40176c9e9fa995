import { beforeAll, describe, expect, test } from "vitest";
import { type Asked, BY_KEY, openAdmin } from "../../support/admin.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  await database.query("UPDATE users SET password_hash = '$argon2id$canary' WHERE id = 1");
});

const open = (url = database.url, queryRows = false) =>
  openAdmin(database, { adminQueryDatabase: url, configuration: { administration: { queryRows } } });

const ask = (auth: Asked, query: string) => auth.post("/admin/query", { query });

async function written() {
  const { rows } = await database.query<{ result: string; detail: { run: string; query: string } }>(
    "SELECT result, detail FROM authgraft.audit_log WHERE event = 'query_run' ORDER BY occurred_at DESC, id LIMIT 2",
  );
  return rows.map(({ result, detail }) => ({ result, ...detail }));
}

describe("POST /admin/query", () => {
  test("runs several statements in one transaction, and answers the command and the count of each", async () => {
    const auth = await open();
    const answer = await ask(
      auth,
      "CREATE TABLE notes (id int, text text); INSERT INTO notes VALUES (1, 'a'), (2, 'b; c'); SELECT * FROM notes; DO $$ BEGIN PERFORM 1; END $$; UPDATE notes SET text = '' WHERE id = 1; -- done",
    );
    expect([answer.status, answer.body]).toEqual([
      200,
      [
        { command: "CREATE", row_count: null },
        { command: "INSERT", row_count: 2 },
        { command: "SELECT", row_count: 2 },
        { command: "DO", row_count: null },
        { command: "UPDATE", row_count: 1 },
      ],
    ]);
    const failed = await ask(auth, "DELETE FROM notes; SELECT 1/0");
    expect([failed.status, failed.body.sqlstate]).toEqual([422, "22012"]);
    expect((await database.query("SELECT FROM notes")).rowCount).toBe(2);
    expect((await ask(auth, " -- nothing")).body).toEqual([]);
  });

  test("a transaction that is left open is rolled back, and told, and not answered as done", async () => {
    const auth = await open();
    await database.query("CREATE TABLE left_open (id int)");
    const count = async () => (await database.query("SELECT FROM left_open")).rowCount;
    const { status, body } = await ask(auth, "BEGIN; INSERT INTO left_open VALUES (1)");
    expect([status, body.code, body.sqlstate]).toEqual([422, "query_failed", "25001"]);
    expect(body.detail).toContain("left a transaction open, and it was rolled back");
    expect(await count()).toBe(0);
    expect(await written()).toContainEqual(
      expect.objectContaining({ result: "failure", phase: "ended", sqlstate: "25001" }),
    );
    expect((await ask(auth, "BEGIN; INSERT INTO left_open VALUES (1); COMMIT")).status).toBe(200);
    expect(await count()).toBe(1);
  });

  test("a mistake in the text is told with its place", async () => {
    const { status, body } = await ask(await open(), "SELECT 1;\nSELEC 2");
    expect([status, body.code, body.sqlstate, body.position]).toEqual([422, "query_failed", "42601", 11]);
    expect(body.detail).toContain("SELEC");
  });

  test.for([
    ["SELECT password_hash::int FROM users WHERE id = 1", "22P02"],
    ["SELECT password_hash::regclass FROM users WHERE id = 1", ""],
    [
      "DO $$ BEGIN RAISE EXCEPTION '%', (SELECT password_hash FROM users WHERE id = 1) USING ERRCODE = '42601'; END $$",
      "42601",
    ],
    ["DO $$ BEGIN EXECUTE (SELECT password_hash FROM users WHERE id = 1); END $$", "42601"],
    ["SELECT query_to_xml(password_hash, true, true, '') FROM users WHERE id = 1", ""],
    ["INSERT INTO users SELECT * FROM users WHERE id = 1", "23505"],
    ["SELECT set_config('role', password_hash, false) FROM users WHERE id = 1", ""],
  ] as const)("B2: no error tells what stands in a row: %s", async ([query, state]) => {
    const auth = await open(database.url, true);
    const { status, body, text } = await ask(auth, query);
    expect(status).toBe(422);
    expect(body.sqlstate).toMatch(state === "" ? /^\w{5}$/ : state);
    expect(text + auth.logs.join("")).not.toContain("canary");
    expect(JSON.stringify(await written())).not.toContain("canary");
  });

  test("COPY to the client counts, from the client fails, and neither hangs", async () => {
    const auth = await open();
    expect((await ask(auth, "COPY users (id) TO STDOUT")).body).toEqual([
      { command: "COPY", row_count: 200 },
    ]);
    expect((await ask(auth, "COPY users (id) FROM STDIN")).status).toBe(422);
  });

  test("is written down before and after, without a constant or comment", async () => {
    const auth = await open();
    await ask(auth, "UPDATE users SET username = 'canary' /* canary */ WHERE id = 424242");
    const [ended, begun] = await written();
    expect(begun).toMatchObject({
      result: "success",
      phase: "begun",
      sha256: expect.stringMatching(/^\w{64}$/),
    });
    expect(ended).toMatchObject({ phase: "ended", commands: ["UPDATE"], run: begun?.run });
    expect(begun?.query).toBe("UPDATE users SET username = '…' WHERE id = …");
    await ask(auth, "SELECT 'canary");
    const [failed] = await written();
    expect(failed).toMatchObject({ result: "failure", sqlstate: "42601", query: "SELECT …" });
  });

  test("rows are shown where the configuration says so, and the role reads no password hashes", async () => {
    const reader = await database.createRole("reader");
    await database.query(`GRANT SELECT (id, username) ON users TO "${reader.name}"`);
    const [shown, plain, owner] = [
      await open(database.urlFor(reader), true),
      await open(database.urlFor(reader)),
      await open(database.url, true),
    ];
    const query = "SELECT id, NULL AS nothing, 9007199254740993::int8 AS big FROM users ORDER BY id LIMIT 1";
    expect((await ask(shown, query)).body).toEqual([
      {
        ...{ command: "SELECT", row_count: 1, columns: ["id", "nothing", "big"], rows_cut: false },
        rows: [["1", null, "9007199254740993"]],
      },
    ]);
    expect((await ask(plain, query)).body).toEqual([{ command: "SELECT", row_count: 1 }]);
    expect((await ask(owner, "SELECT password_hash FROM users")).body).toEqual([
      { command: "SELECT", row_count: 200, rows_kept_back: true },
    ]);
    const many = (await ask(shown, "SELECT g FROM generate_series(1, 5000) g; SELECT repeat('x', 2000000)"))
      .body;
    expect(
      many.map(({ row_count, rows, rows_cut }: never) => [row_count, (rows as []).length, rows_cut]),
    ).toEqual([
      [5_000, 1_000, true],
      [1, 0, true],
    ]);
  });

  test("a role that could read hashes gets no rows by another name of their column, nor by another =", async () => {
    const other = await createTestDatabase({ sample: "a", grafted: {} });
    const role = { adminQueryDatabase: other.url, configuration: { administration: { queryRows: true } } };
    const auth = await openAdmin(other, role);
    const select = async (column: string) => (await ask(auth, `SELECT ${column} FROM public.users`)).body;
    const keptBack = [{ command: "SELECT", row_count: 200, rows_kept_back: true }];
    await ask(
      auth,
      `CREATE SCHEMA odd; CREATE FUNCTION odd.no(name, name) RETURNS bool LANGUAGE sql AS 'SELECT false';
       CREATE OPERATOR odd.= (LEFTARG = name, RIGHTARG = name, FUNCTION = odd.no);
       ALTER ROLE CURRENT_USER IN DATABASE ${other.name} SET search_path = odd, pg_catalog`,
    );
    expect(await select("password_hash")).toEqual(keptBack);
    await ask(auth, "ALTER TABLE public.users RENAME COLUMN password_hash TO hash");
    expect(await select("hash")).toEqual(keptBack);
  });

  test("rows are kept back from a role that reads hashes through a view, or a view of it", async () => {
    const other = await createTestDatabase({ sample: "a", grafted: {} });
    const [reader, harmless] = [await other.createRole("reader"), await other.createRole("harmless")];
    await other.query(`CREATE VIEW all_of_it AS SELECT * FROM users; CREATE VIEW of_view AS SELECT password_hash AS h FROM all_of_it;
      CREATE VIEW names AS SELECT username FROM users;
      GRANT SELECT ON of_view TO "${reader.name}"; GRANT SELECT ON names TO "${harmless.name}"`);
    const rows = async (role: typeof reader) => {
      const options = { configuration: { administration: { queryRows: true } } };
      const auth = await openAdmin(other, { ...options, adminQueryDatabase: other.urlFor(role) });
      return (await ask(auth, "SELECT 1 AS one")).body[0];
    };
    expect(await rows(reader)).toEqual({ command: "SELECT", row_count: 1, rows_kept_back: true });
    expect(await rows(harmless)).toMatchObject({ rows: [["1"]] });
  });

  test("a superuser is refused, and whoever can become as good as one; nothing is run", async () => {
    const [member, replicating, files] = [
      await database.createRole("member"),
      await database.createRole("replicating", "REPLICATION"),
      await database.createRole("files", "IN ROLE pg_execute_server_program"),
    ];
    const { user } = Object.fromEntries([["user", new URL(database.superuserUrl).username]]);
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(`GRANT "${user}" TO "${member.name}"`);
    for (const url of [database.superuserUrl, ...[member, replicating, files].map(database.urlFor)]) {
      const { status, body } = await ask(await open(url), "CREATE TABLE never (id int)");
      expect([status, body.code]).toEqual([403, "query_refused"]);
    }
    expect((await database.query("SELECT to_regclass('never') AS it")).rows[0]).toEqual({ it: null });
    expect((await written())[0]).toMatchObject({ result: "failure", phase: "refused" });
  });

  test("a long query is cancelled when the client goes", async () => {
    const auth = await open();
    const gone = new AbortController();
    const answer = auth
      .fetch(
        new Request("http://localhost/admin/query", {
          method: "POST",
          headers: { ...BY_KEY, "content-type": "application/json" },
          body: JSON.stringify({
            query: "SET statement_timeout = 0; SELECT pg_sleep(600), 'canary of sleep'",
          }),
          signal: gone.signal,
        }),
      )
      .catch(() => null);
    const running = async () =>
      (
        await database.query(
          "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%canary of sleep%' AND pid <> pg_backend_pid()",
        )
      ).rowCount;
    await eventually(running).toBe(1);
    gone.abort();
    await eventually(running).toBe(0);
    await answer;
  });

  test("84. a query that takes no cancelling ends too, when the server stops", async () => {
    const auth = await open();
    const query = `SET statement_timeout = 0; DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(600), 'canary of loops';
      EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$`;
    const answer = ask(auth, query);
    const running = async () =>
      (
        await database.query(
          "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%canary of loops%' AND pid <> pg_backend_pid()",
        )
      ).rowCount;
    await eventually(running).toBe(1);
    await auth.close();
    expect(await running()).toBe(0);
    expect((await answer).status).toBeGreaterThanOrEqual(422);
  });

  test("what is no text for PostgreSQL, or no query at all, is refused by its field", async () => {
    const auth = await open();
    for (const body of [
      { query: "SELECT 1\0" },
      { query: "SELECT '\ud800'" },
      {},
      { query: 1 },
      { query: "", x: 1 },
    ]) {
      const answer = await auth.post("/admin/query", body);
      expect([answer.status, answer.body.errors.length]).toEqual([422, 1]);
    }
  });
});
