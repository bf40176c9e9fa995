import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../src/errors.ts";
import { patch } from "../support/ask.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableShape,
} from "../support/generated-table.ts";
import { graft } from "../support/graft.ts";
import { type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const ME = "/v1/users/me";
const DISABLE = `INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())
  ON CONFLICT (user_id) DO UPDATE SET disabled_at = now()`;

/** What is refused, and how: a body, the field that is at fault, the code. */
type Refused = [what: string, body: object, field: string, code: string];

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  auth = await openAuth(database, { configuration: { throttling: "off" } });
});
afterAll(() => auth.close());

const somebody = () => registerPerson(auth, { display_name: "A Person" });
const change = ({ token }: Pick<Person, "token">, body: unknown) => patch(auth, ME, body, { token });

describe("PATCH /v1/users/me on sample B", () => {
  test.each([
    ["the display name", { display_name: "Åda 名前 Ω" }],
    ["the username", { username: "countess_1815" }],
    ["both", { username: "countess-1852", display_name: "The Countess" }],
  ])("changes %s, and answers with the user", async (_, body) => {
    const person = await somebody();
    const before = (await auth.get(ME, { token: person.token })).body.user;
    expect(await change(person, body)).toMatchObject({ status: 200, body: { user: { ...before, ...body } } });
    expect((await auth.get(ME, { token: person.token })).body.user).toEqual({ ...before, ...body });
    expect((await eventsOf(database, "profile_changed")).at(-1)).toMatchObject({
      ...{ user_id: person.id, actor: "user", actor_id: person.id, result: "success" },
      detail: { fields: Object.keys(body) },
    });
  });

  test("changes nothing when nothing is named", async () => {
    const person = await somebody();
    const events = (await eventsOf(database, "profile_changed")).length;
    const answer = await change(person, {});
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual((await auth.get(ME, { token: person.token })).body);
    expect(await eventsOf(database, "profile_changed")).toHaveLength(events);
  });

  test.each([
    ["a username of 2 characters", { username: "ab" }, "username", "field_invalid"],
    ["a username with an @", { username: "ada@example.com" }, "username", "field_invalid"],
    ["a list for a username", { username: ["ada"] }, "username", "field_invalid"],
    ["null for a username", { username: null }, "username", "field_invalid"],
    ["an object for a display name", { display_name: {} }, "display_name", "field_invalid"],
    ["a display name of 51 characters", { display_name: "x".repeat(51) }, "display_name", "field_invalid"],
    ["a display name of two lines", { display_name: "a\nb" }, "display_name", "field_invalid"],
    ["a display name with a NUL", { display_name: "a\0b" }, "display_name", "field_invalid"],
    ["a display name with half a letter", { display_name: "a\ud800" }, "display_name", "field_invalid"],
    ...["is_admin", "id", "email", "password", "password_hash", "role", "auth_provider", "created_at"].map(
      (field): Refused => [field, { display_name: "Ada", [field]: "true" }, field, "field_unknown"],
    ),
  ] satisfies Refused[])("33. refuses %s, by name, and changes nothing", async (_, body, field, code) => {
    const person = await somebody();
    const row = async () =>
      (await database.query("SELECT to_jsonb(u) AS row FROM users u WHERE id = $1", [person.id])).rows;
    const before = await row();
    expect(await change(person, body)).toMatchObject({
      status: 422,
      body: { code, errors: [{ field, code, message: expect.any(String) }] },
    });
    expect(await row()).toEqual(before);
  });

  test("a username that is somebody else's is taken, and one's own is not", async () => {
    const [person, other] = [await somebody(), await somebody()];
    await change(other, { username: "babbage" });
    expect(await change(person, { username: "babbage" })).toMatchObject({
      status: 409,
      body: { code: "username_taken", errors: [{ field: "username", code: "username_taken" }] },
    });
    expect((await change(other, { username: "babbage" })).status).toBe(200);
  });

  test("of twenty who want one username at once, one gets it", async () => {
    const people = await Promise.all(Array.from({ length: 5 }, somebody));
    const wanting = Array.from({ length: 20 }, (_, n) => people[n % 5]?.token ?? "");
    const answers = await Promise.all(wanting.map((token) => change({ token }, { username: "one-of-us" })));
    const winners = answers.filter(({ status }) => status === 200).map(({ body }) => body.user.id);
    expect(new Set(winners).size).toBe(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20 - winners.length);
  });

  test("what a rule of the application's refuses is 422, not in its words, and the log has which", async () => {
    const person = await somebody();
    await database.query("ALTER TABLE users ADD CONSTRAINT no_robots CHECK (username !~ '^robot')");
    const answer = await change(person, { username: "robot-1" });
    await database.query("ALTER TABLE users DROP CONSTRAINT no_robots");
    expect(answer).toMatchObject({ status: 422, body: { code: "field_invalid" } });
    expect(answer.text).not.toMatch(/no_robots|Failing row|argon2/);
    expect(auth.logs.join("")).toContain("no_robots");
  });

  test.each([
    ["was disabled", ({ id }: Person) => database.query(DISABLE, [id])],
    ["was deleted", ({ id }: Person) => database.query("DELETE FROM users WHERE id = $1", [id])],
    [
      "has signed out",
      async ({ token }: Person) => {
        expect((await auth.post("/v1/auth/logout", undefined, { token })).status).toBe(204);
      },
    ],
    [
      "has signed out everywhere",
      async ({ token }: Person) => {
        expect((await auth.post("/v1/auth/logout-all", {}, { token })).status).toBe(204);
      },
    ],
    [
      "has had the token revoked",
      async ({ token }: Person) => {
        const body = new URLSearchParams({ token });
        expect((await auth.send("/oauth/revoke", { method: "POST", body })).status).toBe(200);
      },
    ],
  ])("whoever %s is refused at once, whatever memory says", async (_, end) => {
    const person = await somebody();
    // A server that is told of nothing: what it lets in, the statement has to refuse.
    const deaf = await openAuth(database, {
      configuration: { throttling: "off", tokens: { listen: false, maxStalenessSeconds: 60 } },
    });
    expect((await patch(deaf, ME, { display_name: "Before" }, { token: person.token })).status).toBe(200);
    await end(person);
    expect(await patch(deaf, ME, { display_name: "After" }, { token: person.token })).toMatchObject({
      status: 401,
      body: { code: "invalid_token" },
    });
    const { rows } = await database.query("SELECT FROM users WHERE id = $1 AND display_name = 'After'", [
      person.id,
    ]);
    expect(rows).toHaveLength(0);
  });

  test("nobody without a token", async () => {
    expect((await patch(auth, ME, { display_name: "Ada" })).status).toBe(401);
    expect((await patch(auth, ME, { display_name: "Ada" }, { token: "x.y.z" })).status).toBe(401);
  });

  test("takes one statement, and memory for the token", async () => {
    const person = await somebody();
    const statements: string[] = [];
    const pool = watchPool(database.pool(), {
      onQuery: (text) => void (text.includes("users") && statements.push(text)),
    });
    // For tokens from before the graft, and as many seconds after it as clocks may differ by, memory never vouches.
    await database.query("UPDATE authgraft.provenance SET recorded_at = now() - interval '1 hour'");
    const watched = await openAuth(database, { pool, configuration: { throttling: "off" } });
    const statementsOf = async (display_name: string) => {
      statements.length = 0;
      expect((await patch(watched, ME, { display_name }, { token: person.token })).status).toBe(200);
      return [...statements];
    };
    // As soon as the server has read what was revoked.
    await eventually(() => statementsOf("Ada")).toEqual([expect.stringContaining("UPDATE")]);
  });
});

describe("what the application has to say", () => {
  test("its hook is told in the transaction; when it refuses nothing has changed", async () => {
    const person = await somebody();
    let answer: Error | null = new Error("not just now");
    const hooked = await openAuth(database, {
      configuration: {
        throttling: "off",
        hooks: {
          async onProfileChange({ user }, { query }) {
            const { rows } = await query("SELECT display_name FROM users WHERE id = $1", [user.id]);
            expect(rows).toEqual([{ display_name: user.display_name }]);
            if (answer !== null) throw answer;
          },
        },
      },
    });
    const to = (display_name: string) => patch(hooked, ME, { display_name }, { token: person.token });
    const events = (await eventsOf(database, "profile_changed")).length;
    expect(await to("Once")).toMatchObject({ status: 503, body: { code: "hook_failed" } });
    answer = new Refusal("No such names here.");
    expect(await to("Twice")).toMatchObject({
      status: 403,
      body: { code: "refused_by_application", detail: "No such names here." },
    });
    expect((await auth.get(ME, { token: person.token })).body.user.display_name).toBe("A Person");
    expect(await eventsOf(database, "profile_changed")).toHaveLength(events);
    answer = null;
    expect((await to("Thrice")).status).toBe(200);
  });

  test("what users may change is configured", async () => {
    const person = await somebody();
    const strict = await openAuth(database, { configuration: { profile: { editable: ["display_name"] } } });
    const answer = await patch(strict, ME, { username: "other" }, { token: person.token });
    expect(answer.body.errors).toMatchObject([{ field: "username", code: "field_unknown" }]);
    expect((await patch(strict, ME, { display_name: "Ada" }, { token: person.token })).status).toBe(200);
    const fixed = await openAuth(database, { configuration: { profile: { editable: [] } } });
    const none = await patch(fixed, ME, { display_name: "Ada" }, { token: person.token });
    expect([none.status, none.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("other tables", () => {
  test("sample A has no display name to change", async () => {
    const plain = await createTestDatabase({ sample: "a", grafted: {} });
    const other = await openAuth(plain);
    const { token } = await registerPerson(other);
    const answer = await patch(other, ME, { display_name: "Ada" }, { token });
    expect(answer.body.errors).toMatchObject([{ field: "display_name", code: "field_unknown" }]);
    expect((await patch(other, ME, { username: "ada-1815" }, { token })).body.user.username).toBe("ada-1815");
  });

  test("where nothing keeps usernames unique, nobody takes somebody else's and locks them out", async () => {
    const loose = await createTestDatabase();
    await loose.query("CREATE TABLE users (id serial PRIMARY KEY, username text, email text)");
    await graft(loose);
    const other = await openAuth(loose);
    const [owner, rival] = [await registerPerson(other, { username: "ada" }), await registerPerson(other)];
    expect(await patch(other, ME, { username: "ada" }, rival)).toMatchObject({
      status: 409,
      body: { code: "username_taken" },
    });
    expect((await patch(other, ME, { username: "ada" }, owner)).status).toBe(200);
    const { password } = owner.credentials;
    expect((await other.post("/v1/auth/login", { username: "ada", password })).status).toBe(200);
  });

  test("where nothing keeps usernames unique, of ten who take one at once one has it", async () => {
    const loose = await createTestDatabase();
    await loose.query("CREATE TABLE users (id serial PRIMARY KEY, username text, email text)");
    await graft(loose);
    // Who is about to write a name does so once others have come as far, or stand at the lock.
    let waiting: (() => void)[] = [];
    let arrivals = 0;
    const pool = watchPool(loose.pool(), {
      onQuery: (text) => {
        const isWrite = /(INSERT INTO|UPDATE) "public"\."users"/.test(text);
        if (isWrite || text.includes("pg_advisory_xact_lock")) arrivals += 1;
        if (arrivals >= 4) for (const go of waiting.splice(0)) go();
        return isWrite && arrivals < 4 ? new Promise<void>((go) => waiting.push(go)) : undefined;
      },
    });
    const other = await openAuth(loose, { configuration: { throttling: "off" } });
    const watched = await openAuth(loose, { pool, configuration: { throttling: "off" } });
    const atOnce = <Answer>(works: (() => Promise<Answer>)[]) => {
      [waiting, arrivals] = [[], 0];
      return Promise.all(works.map((work) => work()));
    };
    const holders = async (name: string) =>
      (await loose.query("SELECT FROM users WHERE username = $1", [name])).rowCount;
    const people: Person[] = [];
    for (let n = 0; n < 10; n++) people.push(await registerPerson(other));

    const changes = await atOnce(people.map((one) => () => patch(watched, ME, { username: "race" }, one)));
    expect(changes.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
    expect(await holders("race")).toBe(1);

    const registrations = await atOnce(
      people.map(({ credentials: { email, password } }) => () => {
        const fresh = { email: `another-${email}`, password, username: "second" };
        return watched.post("/v1/auth/register", fresh);
      }),
    );
    const codes = registrations.map(({ body }) => body.code ?? "made").toSorted();
    expect(codes).toEqual(["made", ...Array(9).fill("username_taken")]);
    expect(await holders("second")).toBe(1);
  });

  test.each<TableShape>([
    { key: "bigint", schema: "other", names: "quoted", email: "nullable" },
    { key: "varchar(26)", schema: "public", names: "plain", email: "none" },
  ])("a $key key, $names names", async (shape) => {
    const generated = await createTestDatabase();
    const names = namesOf(shape);
    const configuration = configurationOf(names);
    await createGeneratedTable(generated, shape, names);
    await graft(generated, configuration);
    const other = await openAuth(generated, { configuration });
    const [person, rival] = [await registerPerson(other), await registerPerson(other)];
    const answer = await patch(other, ME, { username: "ada-1815" }, { token: person.token });
    expect(answer.body.user).toMatchObject({ id: person.id, username: "ada-1815" });
    expect((await patch(other, ME, { username: "ada-1815" }, { token: rival.token })).status).toBe(409);
  });

  test("a user marked as deleted is nobody", async () => {
    const marked = await createTestDatabase();
    await marked.query(
      "CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL, email text, deleted_at timestamptz)",
    );
    await graft(marked);
    const other = await openAuth(marked);
    const { id, token } = await registerPerson(other);
    expect((await patch(other, ME, { username: "ada-1815" }, { token })).status).toBe(200);
    await marked.query("UPDATE users SET deleted_at = now() WHERE id = $1", [id]);
    expect((await patch(other, ME, { username: "ada-1852" }, { token })).status).toBe(401);
  });
});
