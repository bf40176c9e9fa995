import { beforeEach, describe, expect, test } from "vitest";
import type { HookContext, HookEvents } from "../../../src/config/own-functions.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { Refusal } from "../../../src/errors.ts";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { eventually } from "../../support/eventually.ts";
import { askForReset, mailTo, sentMails } from "../../support/mails.ts";
import { claimToken, count, type OldUser, oldUser } from "../../support/people.ts";
import { type Person, registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const PASSWORD = "a tower of violins";

let database: TestDatabase;
let auth: TestAuth;
let old: OldUser;
/** What the hook does, and what it was told. */
let behaviour: (context: HookContext) => void | Promise<void>;
let told: HookEvents["onPasswordChange"][];

const bridge = (request: Request) => request.headers.get("x-old-user");

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  behaviour = () => undefined;
  told = [];
  const hooks: ConfigurationInput["hooks"] = {
    onPasswordChange(event, context) {
      told.push(event);
      return behaviour(context);
    },
  };
  auth = await openAuth(database, { configuration: { development: true, bridge, hooks } });
  old = await oldUser(database);
});

const refusing = () => {
  throw new Refusal("Not on a Sunday.");
};
const failing = () => {
  throw new Error("the application's queue is away");
};
const hanging = () => new Promise<void>(() => undefined);

/** All that a new password touches, so that nothing half done is missed. */
async function everything(): Promise<unknown> {
  const tables = [
    "users",
    "authgraft.accounts",
    "authgraft.sessions",
    "authgraft.one_time_tokens",
    "authgraft.mail_queue",
  ];
  const texts = [];
  for (const table of tables) {
    const { rows } = await database.query(`SELECT t::text FROM ${table} t ORDER BY 1`);
    texts.push(rows);
  }
  const { rows } = await database.query(
    "SELECT event FROM authgraft.audit_log WHERE event ~ 'password|claim' ORDER BY 1",
  );
  return [...texts, rows, (await sentMails(auth)).length];
}

describe("a hook that objects to a reset", () => {
  let ada: Person;
  let token: string;

  beforeEach(async () => {
    ada = await registerPerson(auth);
    token = await askForReset(auth, ada.credentials.email);
    await mailTo(auth, ada.credentials.email, "verify-email");
    await eventually(() => count(database, "authgraft.mail_queue")).toBe(0);
  });

  test.each([
    ["by a Refusal", refusing, 403, "refused_by_application"],
    ["by any other error", failing, 503, "hook_failed"],
    ["by not answering", hanging, 503, "hook_failed"],
  ] as const)("%s: nothing was done, and the link works still", async (_, behave, status, code) => {
    const before = await everything();
    behaviour = behave;
    const reset = { token, password: PASSWORD };
    const answer = await auth.post("/v1/auth/reset-password", reset);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.detail).toBe(status === 403 ? "Not on a Sunday." : undefined);
    expect(await everything()).toEqual(before);
    expect((await auth.get("/v1/users/me", ada)).status).toBe(200);
    behaviour = () => undefined;
    expect((await auth.post("/v1/auth/reset-password", reset)).status).toBe(204);
    await mailTo(auth, ada.credentials.email, "password-changed");
  });
});

test("a hook that refuses keeps a change, a first password and a claim from happening", async () => {
  const ada = await registerPerson(auth);
  const token = await claimToken(database, old.id);
  const other = await oldUser(database, 21);
  const bridged = await auth.post("/v1/auth/bridge", undefined, { headers: { "x-old-user": other.id } });
  await mailTo(auth, ada.credentials.email, "verify-email");
  await eventually(() => count(database, "authgraft.mail_queue")).toBe(0);
  const ways = [
    () =>
      auth.post(
        "/v1/users/me/password",
        { current_password: ada.credentials.password, password: PASSWORD },
        ada,
      ),
    () => auth.post("/v1/users/me/password/first", { password: PASSWORD }, { token: bridged.body.token }),
    () => auth.post("/v1/auth/claim", { token, password: PASSWORD, email: "ada@elsewhere.example" }),
  ];
  const before = await everything();
  behaviour = refusing;
  for (const way of ways) expect((await way()).body.code).toBe("refused_by_application");
  expect(await everything()).toEqual(before);
  behaviour = () => undefined;
  for (const way of ways) expect((await way()).status).toBeLessThan(300);
  expect(told.slice(3).map(({ reason, user }) => [reason, user.id])).toEqual([
    ["changed", ada.id],
    ["set", other.id],
    ["claimed", old.id],
  ]);
});

test("what a hook writes is committed with the password, and told in the same transaction", async () => {
  await database.query("CREATE TABLE told (user_id integer, has_password boolean)");
  const ada = await registerPerson(auth);
  behaviour = async ({ query }) => {
    await query("INSERT INTO told SELECT id, password_hash IS NOT NULL FROM users WHERE id = $1", [old.id]);
  };
  const token = await claimToken(database, old.id);
  const claim = { token, password: PASSWORD, email: "ada@elsewhere.example" };
  expect((await auth.post("/v1/auth/claim", claim)).status).toBe(200);
  expect((await database.query("SELECT * FROM told")).rows).toEqual([
    { user_id: Number(old.id), has_password: true },
  ]);
  behaviour = async ({ query }) => {
    await query("INSERT INTO told VALUES (0, false)");
    refusing();
  };
  const change = { current_password: ada.credentials.password, password: PASSWORD };
  expect((await auth.post("/v1/users/me/password", change, ada)).status).toBe(403);
  expect(await count(database, "told")).toBe(1);
});

test("who claims or is vouched for is told of as signing in, and a refusal keeps them out", async () => {
  const seen: string[] = [];
  let refuses = true;
  const own = await openAuth(database, {
    configuration: {
      bridge,
      hooks: {
        onClaim: ({ user }) => void seen.push(`claim ${user.email}`),
        onEmailChange: ({ user, previous }) => void seen.push(`email ${previous} ${user.email}`),
        onLogin({ method }) {
          seen.push(method);
          if (refuses) refusing();
        },
      },
    },
  });
  const token = await claimToken(database, old.id);
  const claim = () =>
    own.post("/v1/auth/claim", { token, password: PASSWORD, email: "ada@elsewhere.example" });
  const cross = () => own.post("/v1/auth/bridge", undefined, { headers: { "x-old-user": old.id } });
  expect([(await claim()).status, (await cross()).status]).toEqual([403, 403]);
  expect(await count(database, "authgraft.sessions")).toBe(0);
  expect(await count(database, "users WHERE password_hash IS NOT NULL")).toBe(0);
  refuses = false;
  expect([(await claim()).status, (await cross()).status]).toEqual([200, 200]);
  const claimed = ["claim ada@elsewhere.example", "email null ada@elsewhere.example", "claim"];
  expect(seen).toEqual([...claimed, "bridge", ...claimed, "bridge"]);
});
