import { beforeAll, describe, expect, test } from "vitest";
import type { Bridge } from "../../src/config/own-functions.ts";
import { type Answer, openAuth, type TestAuth, type TestAuthOptions } from "../support/auth.ts";
import { eventsOf, type TestEvent } from "../support/events.ts";
import { mailTo, tokenOf } from "../support/mails.ts";
import { registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const WRONG = "canary of a password";
const NO_LINK = "ago_canary-of-a-link";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
});

const open = (configuration: TestAuthOptions["configuration"] = {}) =>
  openAuth(database, { configuration: { development: true, throttling: "off", ...configuration } });

/** What is written down about it while something is done. */
async function written(
  event: string,
  work: () => Promise<unknown>,
): Promise<{ readonly events: readonly TestEvent[]; readonly text: string }> {
  const before = (await eventsOf(database, event)).length;
  await work();
  const events = (await eventsOf(database, event)).slice(before);
  const { rows } = await database.query<{ all: string }>(
    "SELECT jsonb_agg(to_jsonb(l))::text AS all FROM authgraft.audit_log l",
  );
  return { events, text: rows[0]?.all ?? "" };
}

describe("a wrong password of whoever is signed in", () => {
  test.each([
    ["/v1/users/me/password", { current_password: WRONG, password: "another tower of violins" }],
    ["/v1/users/me/close", { password: WRONG }],
    ["/v1/users/me/email", { email: "canary@example.com", password: WRONG }],
  ])("is in the audit log, without the password: %s", async (path, body) => {
    const auth = await open();
    const { id, token } = await registerPerson(auth);
    let answer: Answer | undefined;
    const { events, text } = await written("password_refused", async () => {
      answer = await auth.post(path, body, { token });
    });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ code: "field_invalid" }] } });
    const who = { actor: "user", actor_id: id, user_id: id };
    expect(events).toEqual([
      { event: "password_refused", result: "failure", ...who, detail: { reason: "wrong_password" } },
    ]);
    expect(text).not.toContain("canary");
  });

  test("is not written down once it is no longer looked at", async () => {
    const auth = await open({ throttling: { failuresPerAccount: { most: 2, windowSeconds: 600 } } });
    const { token } = await registerPerson(auth);
    const statuses: number[] = [];
    const { events } = await written("password_refused", async () => {
      for (let i = 0; i < 4; i++)
        statuses.push((await auth.post("/v1/users/me/close", { password: WRONG }, { token })).status);
    });
    expect(statuses).toEqual([422, 422, 429, 429]);
    expect(events).toHaveLength(2);
  });
});

describe("a link that does not work", () => {
  test.each([
    ["/v1/auth/claim", "claim", { password: "a tower of violins" }],
    ["/v1/auth/claim/check", "claim", {}],
    ["/v1/auth/reset-password", "reset_password", { password: "a tower of violins" }],
    ["/v1/auth/verify-email", "verify_email", {}],
    ["/v1/auth/confirm-email-change", "change_email", {}],
    ["/v1/auth/register/confirm", "register", { password: "a tower of violins" }],
  ])("is in the audit log, without its token: %s", async (path, purpose, others) => {
    const auth = await open({ registration: { mode: "private" } });
    let answer: Answer | undefined;
    const { events, text } = await written("link_refused", async () => {
      answer = await auth.post(path, { token: NO_LINK, ...others });
    });
    expect(answer).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    const nobody = { actor: "nobody", actor_id: null, user_id: null };
    const detail = { reason: "link_invalid", purpose };
    expect(events).toEqual([{ event: "link_refused", result: "failure", ...nobody, detail }]);
    expect(text).not.toContain("canary");
  });

  test("is in it as well when it worked before; when it works, it is not", async () => {
    const auth = await open();
    const { credentials } = await registerPerson(auth);
    const token = tokenOf(await mailTo(auth, credentials.email, "verify-email"));
    const use = () => auth.post("/v1/auth/verify-email", { token });
    expect((await written("link_refused", use)).events).toEqual([]);
    const { events, text } = await written("link_refused", use);
    expect(events).toMatchObject([{ user_id: null, detail: { purpose: "verify_email" } }]);
    expect(text).not.toContain(token);
  });

  test("is not written down past the limit of its address", async () => {
    const auth = await open({ throttling: { failuresPerAddress: { most: 2, windowSeconds: 600 } } });
    const statuses: number[] = [];
    const { events } = await written("link_refused", async () => {
      for (let i = 0; i < 4; i++) statuses.push((await verifyFrom(auth, "192.0.2.90")).status);
    });
    expect(statuses).toEqual([422, 422, 429, 429]);
    expect(events).toHaveLength(2);
  });
});

function verifyFrom(auth: TestAuth, address: string): Promise<Response> {
  const request = new Request("http://localhost/v1/auth/verify-email", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: NO_LINK }),
  });
  return auth.fetch(request, { address });
}

test("who comes to /admin and is no administrator is in the audit log, and always told the same", async () => {
  const auth = await open({ throttling: { failuresPerAccount: { most: 2, windowSeconds: 600 } } });
  const { id, token } = await registerPerson(auth);
  const statuses: number[] = [];
  const { events } = await written("admin_refused", async () => {
    for (let i = 0; i < 4; i++) statuses.push((await auth.get("/admin/users", { token })).status);
  });
  expect(statuses).toEqual([403, 403, 403, 403]);
  const who = { actor: "user", actor_id: id, user_id: id };
  const event = { event: "admin_refused", result: "failure", ...who, detail: { reason: "no_administrator" } };
  expect(events).toEqual([event, event]);
});

test("whom the bridge does not let in is in the audit log, with the reason, and always told the same", async () => {
  let answer: string | null = null;
  const bridge: Bridge = () => answer;
  const auth = await open({ bridge, throttling: { failuresPerAccount: { most: 3, windowSeconds: 600 } } });
  const { id, token, credentials } = await registerPerson(auth);
  await auth.post("/v1/users/me/close", { password: credentials.password }, { token });
  const texts: string[] = [];
  const { events } = await written("bridged", async () => {
    for (const known of [null, "99999999", id, null, id]) {
      answer = known;
      const { status, body } = await auth.post("/v1/auth/bridge");
      texts.push(`${status} ${body.code}`);
    }
  });
  expect(texts).toEqual(Array(5).fill("401 bridge_refused"));
  const failure = { event: "bridged", result: "failure", actor: "nobody", actor_id: null };
  expect(events).toEqual([
    { ...failure, user_id: null, detail: { reason: "nobody" } },
    { ...failure, user_id: null, detail: { reason: "unknown_user" } },
    { ...failure, user_id: id, detail: { reason: "disabled" } },
  ]);
});
