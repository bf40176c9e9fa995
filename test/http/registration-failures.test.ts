import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { Refusal } from "../../src/errors.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { patch } from "../support/ask.ts";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf } from "../support/events.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableShape,
} from "../support/generated-table.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const configuration = { development: true, throttling: "off" } as const;
const PASSWORD = "correct horse";
let made = 0;

/** A registration that nobody has sent before, for a table without display names. */
function fresh(changes: object = {}) {
  made += 1;
  return { email: `new-${made}@example.com`, username: `new-${made}`, password: PASSWORD, ...changes };
}

/** How many rows there are of everything that a registration leaves. */
async function traces(database: TestDatabase): Promise<unknown> {
  const count = (table: string) => `(SELECT count(*)::int FROM ${table})`;
  const { rows } = await database.query(
    `SELECT ${count("users")} AS users, ${count("authgraft.sessions")} AS sessions, ${count("authgraft.accounts")} AS accounts,
       ${count("authgraft.one_time_tokens")} AS links, ${count("authgraft.mail_queue")} AS mails,
       ${count("authgraft.audit_log")} AS events, ${count("greetings")} AS greetings`,
  );
  return rows[0];
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  await database.query("CREATE TABLE greetings (user_id int)");
});

describe("34. a registration that fails leaves nothing behind", () => {
  const greet = "INSERT INTO greetings VALUES ($1)";

  test.each([
    ["a hook that says no", new Refusal("Only by invitation."), 403, "refused_by_application"],
    ["a hook that fails", new Error("no connection to the newsletter"), 503, "hook_failed"],
  ])("%s, after it has written into a table of its own", async (_, thrown, status, code) => {
    const auth = await openAuth(database, {
      configuration: {
        ...configuration,
        hooks: {
          async onRegister({ user }, { query }) {
            await query(greet, [user.id]);
            throw thrown;
          },
        },
      },
    });
    const before = await traces(database);
    const answer = await auth.post("/v1/auth/register", fresh());
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.text).not.toContain("newsletter");
    expect(await traces(database)).toEqual(before);
  });

  test("a hook whose statement failed, and that says nothing of it", async () => {
    const swallowing = async (_: unknown, { query }: { query: (text: string) => Promise<unknown> }) => {
      await query("SELECT 1 / 0").catch(() => undefined);
    };
    for (const hooks of [{ onRegister: swallowing }, { onLogin: swallowing }]) {
      const auth = await openAuth(database, { configuration: { ...configuration, hooks } });
      const before = await traces(database);
      const answer = await auth.post("/v1/auth/register", fresh());
      expect(answer).toMatchObject({ status: 503, body: { code: "hook_failed" } });
      expect(await traces(database)).toEqual(before);
    }
  });

  test("a hook whose statement failed, and that has not waited for it", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const hasty = (_: unknown, { query }: { query: (text: string) => Promise<unknown> }) => {
      void query("SELECT 1 / 0");
    };
    for (const hooks of [{ onRegister: hasty }, { onLogin: hasty }]) {
      const auth = await openAuth(database, { configuration: { ...configuration, hooks } });
      const before = await traces(database);
      const answer = await auth.post("/v1/auth/register", fresh());
      expect(answer).toMatchObject({ status: 503, body: { code: "hook_failed" } });
      expect(await traces(database)).toEqual(before);
    }
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test.each(["ROLLBACK", "ROLLBACK; BEGIN"])("a hook that ends the transaction by %s", async (statement) => {
    const ending = async (_: unknown, { query }: { query: (text: string) => Promise<unknown> }) =>
      void (await query(statement));
    for (const hooks of [{ onRegister: ending }, { onLogin: ending }]) {
      const auth = await openAuth(database, { configuration: { ...configuration, hooks } });
      const before = await traces(database);
      const answer = await auth.post("/v1/auth/register", fresh());
      expect(answer).toMatchObject({ status: 503, body: { code: "hook_failed" } });
      expect(await traces(database)).toEqual(before);
    }
  });

  test("a hook whose statement waits for somebody who does not end", async () => {
    const hooks: ConfigurationInput["hooks"] = {
      onRegister: async ({ user }, { query }) => void (await query(greet, [user.id])),
    };
    const auth = await openAuth(database, { configuration: { ...configuration, hooks } });
    const before = await traces(database);
    const idler = await database.client();
    await idler.query("BEGIN; LOCK TABLE greetings IN SHARE MODE");
    const answer = await auth.post("/v1/auth/register", fresh());
    expect(answer).toMatchObject({ status: 503, body: { code: "hook_failed" } });
    expect(await traces(database)).toEqual(before);
    await idler.query("ROLLBACK");
    expect((await auth.post("/v1/auth/register", fresh())).status).toBe(201);
    await database.query("DELETE FROM greetings");
  });

  test("what the hook has written stands with the account", async () => {
    const auth = await openAuth(database, {
      configuration: {
        ...configuration,
        hooks: { onRegister: async ({ user }, { query }) => void (await query(greet, [user.id])) },
      },
    });
    const { body } = await auth.post("/v1/auth/register", fresh());
    const { rows } = await database.query("SELECT user_id::text AS id FROM greetings");
    expect(rows).toEqual([{ id: body.user.id }]);
    expect((await eventsOf(database, "registered")).at(-1)).toMatchObject({
      ...{ user_id: body.user.id, actor: "user", actor_id: body.user.id, result: "success" },
    });
  });

  test.each([
    ["the row", /INSERT INTO "public"."users"/],
    ["the session", /INSERT INTO "authgraft"."sessions"/],
    ["the event", /INSERT INTO "authgraft"."audit_log"/],
    ["the link", /INSERT INTO "authgraft"."one_time_tokens"/],
    ["the mail", /INSERT INTO "authgraft"."mail_queue"/],
    ["the commit", /^COMMIT/],
  ])("the connection killed before %s is written", async (_, statement) => {
    const pool = killing(database, statement);
    const auth = await openAuth(database, { configuration, pool: pool.watched });
    const before = await traces(database);
    pool.isArmed = true;
    const answer = await auth.post("/v1/auth/register", fresh());
    expect(answer).toMatchObject({ status: 503, body: { code: "database_unreachable" } });
    expect(await traces(database)).toEqual(before);
    expect((await auth.post("/v1/auth/register", fresh())).status).toBe(201);
  });

  test("somebody was quicker with the email, or with the username", async () => {
    const pool = interposing(database);
    const auth = await openAuth(database, { configuration, pool: pool.watched });
    for (const [field, code] of [
      ["email", "email_taken"],
      ["username", "username_taken"],
    ] as const) {
      const registration = fresh();
      const rival = { ...fresh(), [field]: registration[field] };
      pool.next = () =>
        database.query("INSERT INTO users (username, email, created_at) VALUES ($1, $2, now())", [
          ...[rival.username, rival.email],
        ]);
      const before = (await traces(database)) as { users: number };
      expect(await auth.post("/v1/auth/register", registration)).toMatchObject({
        status: 409,
        body: { code, errors: [{ field, code }] },
      });
      expect(await traces(database)).toEqual({ ...before, users: before.users + 1 });
    }
  });
});

/** A pool that loses the connection of a registration when it comes to a statement, once it is armed. */
function killing(target: TestDatabase, statement: RegExp): { readonly watched: Pool; isArmed: boolean } {
  const pool = target.pool();
  const state = {
    isArmed: false,
    watched: {
      query: pool.query.bind(pool) as Pool["query"],
      async connect() {
        const client = await pool.connect();
        client.on("error", () => undefined);
        // Mails are sent in transactions of the same pool, which are none of this.
        let registers = false;
        const query = async (text: string, values: readonly unknown[] = []) => {
          if (text.startsWith("BEGIN")) registers = false;
          if (text.startsWith('INSERT INTO "public"."users"')) registers = true;
          if (state.isArmed && registers && statement.test(text)) {
            state.isArmed = false;
            const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
            await target.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
          }
          return client.query(text, [...values]);
        };
        return {
          query: query as Pool["query"],
          release: (destroy?: boolean | Error) => client.release(destroy),
        };
      },
    },
  };
  return state;
}

/** A pool that lets something happen right before the next new user is written. */
interface Interposing {
  readonly watched: Pool;
  next: () => Promise<unknown>;
}

function interposing(target: TestDatabase): Interposing {
  const state: Interposing = {
    next: async () => undefined,
    watched: watchPool(target.pool(), {
      onQuery: (text): unknown =>
        text.startsWith('INSERT INTO "public"."users"') ? state.next() : undefined,
    }),
  };
  return state;
}

describe("35. of twenty registrations at once", () => {
  const SHAPES: TableShape[] = [
    { key: "bigint", schema: "other", names: "plain", email: "none" },
    { key: "uuid", schema: "public", names: "quoted", email: "nullable" },
    { key: "varchar(26)", schema: "other", names: "quoted", email: "required" },
  ];

  test.each(SHAPES)("one makes an account, on a table with a $key key", async (shape) => {
    const other = await createTestDatabase();
    const names = namesOf(shape);
    const settings = { ...configurationOf(names), ...configuration };
    await createGeneratedTable(other, shape, names);
    await graft(other, settings);
    const auth = await openAuth(other, { configuration: settings });
    const register = (changes: (n: number) => object) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => auth.post("/v1/auth/register", fresh(changes(n)))));
    const byEmail = await register((n) => ({ email: n % 2 ? "RACE@example.com" : "race@example.com" }));
    expect(outcomes(byEmail)).toEqual({ made: 1, codes: Array(19).fill("email_taken") });
    const byName = await register(() => ({ username: "race" }));
    expect(outcomes(byName)).toEqual({ made: 1, codes: Array(19).fill("username_taken") });
  });

  function outcomes(answers: readonly Answer[]) {
    const losers = answers.filter(({ status }) => status === 409);
    return {
      made: answers.filter(({ status }) => status === 201).length,
      codes: losers.map(({ body }) => body.code),
    };
  }
});

describe("what no route takes", () => {
  let auth: TestAuth;
  let token: string;

  beforeAll(async () => {
    auth = await openAuth(database, { configuration: { ...configuration, registration: "private" } });
    const open = await openAuth(database, { configuration });
    token = (await open.post("/v1/auth/register", fresh())).body.token;
    await open.close();
  });
  afterAll(() => auth.close());

  const bodies: [string, "POST" | "PATCH", Record<string, string>][] = [
    ["/v1/auth/register", "POST", fresh()],
    ["/v1/auth/register/confirm", "POST", { token: "ago_x", password: "x" }],
    ["/v1/auth/verify-email", "POST", { token: "ago_x" }],
    ["/v1/auth/confirm-email-change", "POST", { token: "ago_x" }],
    ["/v1/users/me/email", "POST", { email: "x@example.com", password: "x" }],
    ["/v1/users/me/email/verification", "POST", { redirect_to: "https://shop.example.com/" }],
    ["/v1/users/me/close", "POST", { password: "x" }],
    ["/v1/users/me", "PATCH", { username: "ada-1815" }],
  ];

  const send = (path: string, method: string, body: string, type = "application/json") =>
    auth.send(path, { method, headers: { "content-type": type, authorization: `Bearer ${token}` }, body });

  test.each(bodies)(
    "33. %s refuses is_admin, id and any other field, by name",
    async (path, method, body) => {
      for (const field of [
        "is_admin",
        "id",
        "password_hash",
        "role",
        "__proto__",
        "constructor",
        "x".repeat(40),
      ]) {
        const text = `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(field)}:true}`;
        const answer = await send(path, method, text);
        expect(answer.status).toBe(422);
        expect(answer.body.errors).toContainEqual(expect.objectContaining({ field, code: "field_unknown" }));
      }
    },
  );

  test.each(bodies)(
    "36. %s refuses whatever is no text, and two addresses in one",
    async (path, method, body) => {
      for (const [field, text] of Object.entries(body)) {
        for (const value of [[text], { $ne: null }, 1, true, null, [], {}]) {
          const answer = await send(path, method, JSON.stringify({ ...body, [field]: value }));
          expect(problem(answer)).toEqual({ status: 422, code: "field_invalid", field });
        }
      }
      if ("email" in body) {
        const answer = await send(path, method, JSON.stringify({ ...body, email: "a@x.co,b@x.co" }));
        expect(problem(answer)).toEqual({ status: 422, code: "field_invalid", field: "email" });
      }
    },
  );

  test.each(bodies)(
    "36. %s refuses broken JSON, what is no object, and other content types",
    async (path, method) => {
      for (const text of ["{", '{"a":1}}', "\ufeff{}x", "nul"]) {
        const answer = await send(path, method, text);
        expect([answer.status, answer.body.code]).toEqual([400, "body_invalid"]);
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
      }
      for (const text of ["[]", "null", '"text"', "1"]) {
        const answer = await send(path, method, text);
        expect([answer.status, answer.headers.get("content-type")]).toEqual([
          422,
          "application/problem+json",
        ]);
      }
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
      ]) {
        const answer = await send(path, method, "{}", type);
        expect([answer.status, answer.body.code]).toEqual([415, "media_type_unsupported"]);
      }
    },
  );

  test.each(bodies)("37. %s takes no more than 16 KiB", async (path, method, body) => {
    const answer = await send(path, method, JSON.stringify({ ...body, more: "x".repeat(16_384) }));
    expect([answer.status, answer.body.code]).toEqual([413, "body_too_large"]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  test("a row that stands is changed by none of it", async () => {
    const before = await auth.get("/v1/users/me", { token });
    await patch(auth, "/v1/users/me", { username: "ada-1815", is_admin: true }, { token });
    expect((await auth.get("/v1/users/me", { token })).body).toEqual(before.body);
  });

  function problem({ status, body }: Answer): object {
    return { status, code: body.code, field: body.errors?.[0]?.field };
  }
});
