import { expect, test } from "vitest";
import { asJson, openAdmin } from "../support/admin.ts";
import { eventually } from "../support/eventually.ts";
import { graft } from "../support/graft.ts";
import { mailTo, tokenIn } from "../support/mails.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { startOldApplication } from "./old-application.ts";

const EMAIL = "ada@example.com";
const FIRST = "a first password of her own";
const SECOND = "another one, after the first was lost";

/** Everything of the users table that was there before, but for what the old application itself goes on to write. */
async function formerRows(database: TestDatabase): Promise<unknown> {
  const { rows } = await database.query(
    "SELECT md5(string_agg(concat_ws('|', id, username, created_at), ',' ORDER BY id)) AS digest FROM users WHERE username NOT LIKE 'old\\_%'",
  );
  return rows[0];
}

test("a user with a username only claims the account, signs in, loses the password and sets another, while the old application goes on writing", async () => {
  const database = await createTestDatabase({ sample: "a", users: 50 });
  const before = await formerRows(database);
  const old = await startOldApplication(database);
  await eventually(async () => old.served()).toBeGreaterThan(5);

  // The graft is made under the running application, and sign-in opened beside it.
  await graft(database);
  const auth = await openAdmin(database, { configuration: { development: true } });
  const ask = async (path: string, body: unknown, token?: string) =>
    auth.send(path, asJson(body, token === undefined ? {} : { authorization: `Bearer ${token}` }));
  const outbox = { get: (path: string, request: RequestInit = {}) => auth.send(path, request) };
  const { rows } = await database.query<{ id: string; username: string }>(
    "SELECT id::text, username FROM users WHERE username NOT LIKE 'old\\_%' ORDER BY id LIMIT 2",
  );
  const [ada, other] = rows as [{ id: string; username: string }, { id: string; username: string }];

  // Nobody gets in by a username alone, nor by being the first to come.
  expect((await ask("/v1/auth/login", { username: ada.username, password: FIRST })).status).toBe(401);
  const stranger = await ask("/v1/auth/register", {
    username: ada.username,
    email: "mallory@example.com",
    password: FIRST,
  });
  expect([stranger.status, stranger.body.code]).toEqual([409, "username_taken"]);

  // An administrator hands over a link, and Ada claims her account with it.
  const made = await auth.post(`/admin/users/${ada.id}/claim-link`);
  expect(made.status).toBe(200);
  const claim = tokenIn(made.body.link);
  const looked = await ask("/v1/auth/claim/check", { token: claim });
  expect(looked.body).toEqual({ username: ada.username, email: null, needs_email: true });
  const weak = await ask("/v1/auth/claim", { token: claim, email: EMAIL, password: "password" });
  expect(weak.status).toBe(422);
  const claimed = await ask("/v1/auth/claim", { token: claim, email: EMAIL, password: FIRST });
  expect(claimed.body.user).toMatchObject({ id: ada.id, username: ada.username, email: EMAIL });
  const again = await ask("/v1/auth/claim", { token: claim, email: EMAIL, password: SECOND });
  expect(again.status).toBe(422);

  // The address is hers once she has followed the link that was sent there.
  const verified = await ask("/v1/auth/verify-email", {
    token: tokenIn((await mailTo(outbox, EMAIL, "verify-email")).link),
  });
  expect(verified.status).toBe(200);

  // She signs in by either name, and is who she was.
  const byName = await ask("/v1/auth/login", { username: ada.username, password: FIRST });
  const byEmail = await ask("/v1/auth/login", { email: EMAIL.toUpperCase(), password: FIRST });
  expect([byName.status, byEmail.status]).toEqual([200, 200]);
  expect(byEmail.body.user).toMatchObject({ id: ada.id, email_verified: true });

  // She loses the password and sets another; whoever was signed in with the old one is signed out.
  expect((await ask("/v1/auth/forgot-password", { email: EMAIL })).status).toBe(202);
  const reset = tokenIn((await mailTo(outbox, EMAIL, "reset-password")).link);
  expect((await ask("/v1/auth/reset-password", { token: reset, password: SECOND })).status).toBe(204);
  for (const { body } of [claimed, byName, byEmail]) {
    const me = await auth.send("/v1/users/me", { headers: { authorization: `Bearer ${body.token}` } });
    expect(me.status).toBe(401);
  }
  expect((await ask("/v1/auth/login", { email: EMAIL, password: FIRST })).status).toBe(401);
  expect((await ask("/v1/auth/login", { email: EMAIL, password: SECOND })).status).toBe(200);

  // Somebody else's link has nothing to do with all that, and those who have not moved are as they were.
  const { rows: untouched } = await database.query(
    "SELECT email, password_hash, is_admin FROM users WHERE id = $1",
    [other.id],
  );
  expect(untouched).toEqual([{ email: null, password_hash: null, is_admin: false }]);

  // The old application noticed nothing: no request failed, every user it made is there, every former row as before.
  const served = old.served();
  await eventually(async () => old.served()).toBeGreaterThan(served + 5);
  expect(await old.stop()).toEqual([]);
  const { rows: theirs } = await database.query<{ username: string }>(
    "SELECT username FROM users WHERE username LIKE 'old\\_%'",
  );
  expect(new Set(theirs.map(({ username }) => username))).toEqual(old.users);
  expect(await formerRows(database)).toEqual(before);
});
