import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { loginAgain, type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
});
afterAll(() => auth.close());

const bearer = ({ token }: Person) => ({ authorization: `Bearer ${token}` });
const form = (token: string) =>
  auth.send("/oauth/revoke", { method: "POST", body: new URLSearchParams({ token }) });

/** All that touches a user's sessions, from the device of the first of two. */
const ACTIONS: Readonly<Record<string, (one: Person, other: Person) => Promise<Answer>>> = {
  "refreshing a session": ({ refreshToken }) =>
    auth.post("/v1/auth/refresh", { refresh_token: refreshToken }),
  "logging out": ({ token }) => auth.post("/v1/auth/logout", undefined, { token }),
  "logging out with a refresh token": ({ refreshToken }) =>
    auth.post("/v1/auth/logout", { refresh_token: refreshToken }),
  "logging out everywhere": ({ token }) => auth.post("/v1/auth/logout-all", {}, { token }),
  "logging out everywhere else": ({ token }) =>
    auth.post("/v1/auth/logout-all", { keep_current: true }, { token }),
  "ending another session": (one, { sessionId }) =>
    auth.send(`/v1/users/me/sessions/${sessionId}`, { method: "DELETE", headers: bearer(one) }),
  "revoking an access token": ({ token }) => form(token),
  "revoking a refresh token": ({ refreshToken }) => form(refreshToken),
  "logging in": ({ credentials }) => auth.post("/v1/auth/login", credentials),
};

/** How many statements of this database wait for a lock. */
const waiting = async () =>
  (
    await database.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
  ).rowCount ?? 0;

/** Somebody on two devices, with a row in every table. */
async function onTwoDevices(): Promise<[Person, Person]> {
  const one = await registerPerson(auth);
  await database.query("INSERT INTO authgraft.accounts (user_id) VALUES ($1)", [one.id]);
  return [one, await loginAgain(auth, one)];
}

describe.each(Object.entries(ACTIONS))("%s", (_, act) => {
  test.each(["begins", "goes on"])(
    "while the old application's DELETE of the user %s stops neither of them (62)",
    async (moment) => {
      const [one, other] = await onTwoDevices();
      const blocker = await database.client();
      const application = await database.client();
      await blocker.query("BEGIN");
      await blocker.query("SELECT FROM authgraft.sessions WHERE user_id = $1 FOR UPDATE", [one.id]);
      let isDone = false;
      const acting = () =>
        act(one, other).finally(() => {
          isDone = true;
        });
      const deleting = () => application.query("DELETE FROM users WHERE id = $1", [one.id]);

      // Both wait where they meet the sessions' rows, each with what it has locked by then.
      const first = moment === "begins" ? acting() : deleting();
      await eventually(async () => isDone || (await waiting()) > 0).toBe(true);
      const second = moment === "begins" ? deleting() : acting();
      await eventually(async () => isDone || (await waiting()) > 1).toBe(true);
      await blocker.query("COMMIT");

      const results = await Promise.all([first, second]);
      const [answer, deletion] = moment === "begins" ? results : results.toReversed();
      expect((deletion as { rowCount: number }).rowCount).toBe(1);
      expect([200, 204, 401]).toContain((answer as Answer).status);
      const refreshed = await auth.post("/v1/auth/refresh", { refresh_token: one.refreshToken });
      expect(refreshed.status).toBe(401);
      expect((await auth.get("/v1/users/me", { token: other.token })).status).toBe(401);
    },
  );
});

test("users deleted one by one and many at once, while all of them refresh in a loop: no deadlock, no 500 (62)", async () => {
  const people = await Promise.all(Array.from({ length: 12 }, () => registerPerson(auth)));
  const statuses: number[] = [];
  let isOver = false;
  const refreshing = people.map(async ({ refreshToken }) => {
    let current = refreshToken;
    while (!isOver) {
      const { status, body } = await auth.post("/v1/auth/refresh", { refresh_token: current });
      statuses.push(status);
      if (status === 200) current = body.refresh_token;
    }
  });
  const ids = people.map(({ id }) => id);
  for (const id of ids.slice(0, 6)) await database.query("DELETE FROM users WHERE id = $1", [id]);
  await database.query("DELETE FROM users WHERE id = ANY($1)", [ids.slice(6)]);
  isOver = true;
  await Promise.all(refreshing);
  expect(new Set(statuses)).toEqual(new Set([200, 401]));
  for (const { token } of people) expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
});

test("revoking a session while it is refreshed leaves nothing that goes on", async () => {
  for (let round = 0; round < 10; round += 1) {
    const [one, other] = await onTwoDevices();
    const [refreshed] = await Promise.all([
      auth.post("/v1/auth/refresh", { refresh_token: one.refreshToken }),
      auth.post("/v1/auth/logout-all", {}, { token: other.token }),
    ]);
    expect([200, 401]).toContain(refreshed.status);
    if (refreshed.status === 200) {
      expect((await auth.get("/v1/users/me", { token: refreshed.body.token })).status).toBe(401);
      const next = await auth.post("/v1/auth/refresh", { refresh_token: refreshed.body.refresh_token });
      expect(next.status).toBe(401);
    }
  }
});
