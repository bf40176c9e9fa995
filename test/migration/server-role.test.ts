import { expect, test } from "vitest";
import { createAuth } from "../../src/auth.ts";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { readLogicalSchema } from "../support/catalog.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const SECRET = "a secret of this test that is long enough to be one";

async function register(database: TestDatabase, url: string) {
  const auth = await createAuth({ database: url, secret: SECRET });
  try {
    const response = await auth.fetch(
      new Request("http://localhost/v1/auth/register", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          email: `${database.name}@example.com`,
          username: "newcomer-1",
          display_name: "New Comer",
          password: "a tower of violins",
        }),
      }),
    );
    return response.status;
  } finally {
    await auth.close();
  }
}

test("a role named for the server is granted what serving takes, and no more", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const role = await database.createRole("server");
  const configuration = { serverRole: role.name, administration: { promotion: false } };
  const options = { databaseUrl: database.superuserUrl, configuration };
  expect((await up(options)).state).toBe("applied");
  expect(await register(database, database.urlFor(role))).toBe(201);
  const client = await database.client(database.urlFor(role));
  await expect(client.query("UPDATE public.users SET is_admin = true")).rejects.toMatchObject({
    code: "42501",
  });
  await expect(client.query("SELECT bio FROM public.users")).rejects.toMatchObject({ code: "42501" });
  await expect(client.query("DELETE FROM public.users")).rejects.toMatchObject({ code: "42501" });
  await expect(client.query("DROP TABLE public.revoked_tokens")).rejects.toMatchObject({ code: "42501" });
});

test("of a user the role can change what they can change of themselves, and nothing else", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const role = await database.createRole("server");
  await up({ databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } });
  const { rows } = await database.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped
        AND has_column_privilege($1, attrelid, attnum, 'UPDATE') ORDER BY 1`,
    [role.name],
  );
  expect(rows.map(({ name }) => name)).toEqual([
    "display_name",
    "email",
    "is_admin",
    "password_hash",
    "username",
  ]);
});

test("who is an administrator is the role's to say only while administrators may make others", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  const client = await database.client(database.urlFor(role));
  const promote = () => client.query("UPDATE public.users SET is_admin = true WHERE id = 1");
  const run = (promotion: boolean) =>
    up({
      databaseUrl: database.superuserUrl,
      configuration: { serverRole: role.name, administration: { promotion } },
    });
  await run(true);
  await promote();
  expect((await run(false)).steps.map(({ id }) => id)).toEqual(["server-role"]);
  await expect(promote()).rejects.toMatchObject({ code: "42501" });
  expect((await run(false)).steps).toEqual([]);
  expect((await run(true)).steps.map(({ id }) => id)).toEqual(["server-role"]);
  await promote();
});

test("a privilege that the role had before is not taken from it because the configuration has no use for it", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  await database.query(
    `ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false; GRANT UPDATE (is_admin) ON users TO ${role.name}`,
  );
  for (const promotion of [true, false]) {
    const configuration = { serverRole: role.name, administration: { promotion } };
    await up({ databaseUrl: database.superuserUrl, configuration });
  }
  const client = await database.client(database.urlFor(role));
  await client.query("UPDATE public.users SET is_admin = true WHERE id = 1");
});

test("the audit log is read and added to by the role, and never changed", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  await up({ databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } });
  const client = await database.client(database.urlFor(role));
  await client.query("INSERT INTO authgraft.audit_log (event) VALUES ('login')");
  expect((await client.query("SELECT event FROM authgraft.audit_log")).rows).toEqual([{ event: "login" }]);
  for (const statement of [
    "UPDATE authgraft.audit_log SET event = 'logout'",
    "UPDATE authgraft.audit_log SET detail = NULL WHERE false",
    "DELETE FROM authgraft.audit_log",
    "TRUNCATE authgraft.audit_log",
    "INSERT INTO authgraft.audit_log SELECT * FROM authgraft.audit_log ON CONFLICT (id) DO UPDATE SET event = 'logout'",
    "SELECT FROM authgraft.audit_log FOR UPDATE",
    "ALTER TABLE authgraft.audit_log DISABLE TRIGGER ALL",
    "DROP TABLE authgraft.audit_log",
    "INSERT INTO authgraft.audit_log (event, occurred_at) VALUES ('login', '1815-12-10')",
    "INSERT INTO authgraft.audit_log (event, id) VALUES ('login', gen_random_uuid())",
    "CREATE TABLE authgraft.other ()",
  ]) {
    await expect(client.query(statement), statement).rejects.toMatchObject({ code: "42501" });
  }
  expect((await database.query("SELECT event FROM authgraft.audit_log")).rows).toEqual([{ event: "login" }]);
});

test("a role that was let add to the audit log with any time is let do so with the present time alone", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  const options = { databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } };
  await up(options);
  await database.query(`GRANT INSERT ON authgraft.audit_log TO ${role.name}`);
  const client = await database.client(database.urlFor(role));
  const backdate = () =>
    client.query("INSERT INTO authgraft.audit_log (event, occurred_at) VALUES ('login', '1815-12-10')");
  await backdate();
  expect(await verify(options)).toMatchObject({ ok: false });
  expect((await up(options)).steps.map(({ id }) => id)).toEqual(["server-role"]);
  await expect(backdate()).rejects.toMatchObject({ code: "42501" });
  await client.query("INSERT INTO authgraft.audit_log (event, detail) VALUES ('login', '{}')");
  expect(await verify(options)).toMatchObject({ ok: true });
  expect((await up(options)).steps).toEqual([]);
});

test("the owner of the tables serves as it is, and keeps what an owner may", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const { rows } = await database.query<{ name: string }>("SELECT current_user AS name");
  const options = { databaseUrl: database.url, configuration: { serverRole: rows[0]?.name ?? "" } };
  await up(options);
  expect((await up(options)).steps).toEqual([]);
  await database.query("INSERT INTO authgraft.audit_log (event, occurred_at) VALUES ('login', '1815-12-10')");
});

test("down takes back what was granted, and leaves what the role had before", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  await database.query(
    `GRANT SELECT (id) ON public.users TO ${role.name}; GRANT UPDATE (username) ON public.users TO ${role.name}`,
  );
  const client = await database.client(database.superuserUrl);
  const outside = { schemas: ["authgraft"], relations: ["revoked_tokens"] };
  const before = await readLogicalSchema(client, outside);
  const options = { databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } };
  expect((await up(options)).state).toBe("applied");
  expect((await up(options)).steps).toEqual([]);
  expect((await down({ ...options, step: true })).steps.map((step) => step.id)).toEqual(["server-role"]);
  expect((await up(options)).steps.map((step) => step.id)).toEqual(["server-role"]);
  expect((await down(options)).refusals).toEqual([]);
  expect(await readLogicalSchema(client, outside)).toEqual(before);
});

test("a role that does not exist is refused by name, and the fix makes it", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const options = { databaseUrl: database.url, configuration: { serverRole: "no such role" } };
  const { plan } = await inspect(options);
  expect(plan.state).toBe("refused");
  expect(plan.refusals).toMatchObject([{ code: "server_role_missing", object: "no such role" }]);
  expect(plan.refusals[0]?.fix).toContain('CREATE ROLE "no such role" LOGIN');
});
