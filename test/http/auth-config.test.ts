import { expect, test } from "vitest";
import { openAuth } from "../support/auth.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase } from "../support/postgres.ts";

const PATH = "/v1/auth/config";

test("on sample A a front end learns of usernames, and that no mail is sent", async () => {
  const auth = await openAuth(await createTestDatabase({ sample: "a", grafted: {} }));
  const answer = await auth.get(PATH);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toEqual({
    registration: {
      mode: "open",
      fields: { email: { required: true, maximum: 254 }, username: { required: true, maximum: 30 } },
    },
    login: ["email", "username"],
    profile: { fields: { username: { required: true, maximum: 30 } } },
    password: { minimum_length: 8, maximum_length: 72 },
    providers: [],
    mail: false,
    bridge: false,
  });
});

test("on sample B of display names, too; and of what is configured", async () => {
  const auth = await openAuth(await createTestDatabase({ sample: "b", grafted: {} }), {
    configuration: {
      ...{ registration: "private", development: true, bridge: () => null },
      ...{ passwords: { minimumLength: 12 }, profile: { editable: ["display_name"] } },
    },
  });
  expect((await auth.get(PATH)).body).toEqual({
    registration: {
      mode: "private",
      fields: {
        email: { required: true, maximum: 254 },
        username: { required: true, maximum: 30 },
        display_name: { required: true, maximum: 50 },
      },
    },
    login: ["email", "username"],
    profile: { fields: { display_name: { required: true, maximum: 50 } } },
    password: { minimum_length: 12, maximum_length: 72 },
    providers: [],
    mail: true,
    bridge: true,
  });
});

test("where people have an email only, a login takes nothing else, and there is no profile to change", async () => {
  const database = await createTestDatabase();
  await database.query("CREATE TABLE users (id serial PRIMARY KEY, email varchar(255))");
  await graft(database);
  const auth = await openAuth(database, { configuration: { registration: "off" } });
  expect((await auth.get(PATH)).body).toMatchObject({
    registration: { mode: "off", fields: { email: { required: true, maximum: 254 } } },
    login: ["email"],
    profile: { fields: {} },
  });
});

test("the answer may be kept for a minute, and asks nothing of the database", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const auth = await openAuth(database);
  await database.query("ALTER TABLE users RENAME TO elsewhere");
  const answer = await auth.get(PATH);
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "public, max-age=60"]);
});
