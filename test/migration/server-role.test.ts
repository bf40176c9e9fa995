import { expect, test } from "vitest";
import { createAuth } from "../../src/auth.ts";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
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
  const options = { databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } };
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
