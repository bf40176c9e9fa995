import { describe, expect, test } from "vitest";
import { type DownResult, down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";
import { ADDED_TO, addSignInData } from "../support/sign-in-data.ts";

function counts({ losses }: DownResult): Record<string, number> {
  return Object.fromEntries(losses.map(({ kind, count }) => [kind, count]));
}

describe.each(["a", "b"] as const)("down on sample %s, where people have signed in", (sample) => {
  test("refuses with the count of every kind, and changes nothing", async () => {
    const database = await createTestDatabase({ sample, grafted: {} });
    const options = { databaseUrl: database.url };
    await addSignInData(database, sample);
    const observer = await observe(database);
    const before = await observer.whole();

    const refused = await down(options);
    expect(refused).toMatchObject({ state: "refused", steps: [], archive: null });
    expect(counts(refused)).toEqual(ADDED_TO[sample]);
    expect(refused.refusals.map(({ code }) => code)).toEqual(["data_would_be_lost"]);
    for (const { count, label } of refused.losses) {
      expect(refused.refusals[0]?.message).toContain(`${label}: ${count}`);
    }
    expect(await observer.whole()).toEqual(before);
    expect((await verify(options)).ok).toBe(true);
    await database.query("UPDATE users SET password_hash = 'x' WHERE username LIKE '%a%'");
  });

  test("throws the data away only where a person says so, and then all is as it was", async () => {
    const database = await createTestDatabase({ sample });
    const options = { databaseUrl: database.url };
    const observer = await observe(database);
    const before = await observer.whole();
    await up(options);
    await addSignInData(database, sample);
    await database.query("DELETE FROM users WHERE username = 'grace_h'");

    const out = await down({ ...options, discardData: true });
    expect(out).toMatchObject({ state: "pending", refusals: [], archive: null });
    expect(await observer.whole()).toEqual(before);
  });
});

describe("one kind of loss is enough", () => {
  const live = "now() + interval '1 day'";
  const kinds = [
    ["email", "UPDATE users SET email = 'ada@example.com' WHERE id = 1", "UPDATE users SET email = NULL"],
    [
      "password",
      "UPDATE users SET password_hash = 'x' WHERE id = 1",
      "UPDATE users SET password_hash = NULL",
    ],
    ["admin", "UPDATE users SET is_admin = true WHERE id = 1", "UPDATE users SET is_admin = false"],
    [
      "revoked_tokens",
      `INSERT INTO revoked_tokens (jti, expires_at) VALUES ('x', ${live})`,
      "DELETE FROM revoked_tokens",
    ],
    [
      "sessions",
      `INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (1, ${live})`,
      "DELETE FROM authgraft.sessions",
    ],
    [
      "accounts",
      "INSERT INTO authgraft.accounts (user_id, token_generation) VALUES (1, 1)",
      "DELETE FROM authgraft.accounts",
    ],
    [
      "accounts",
      "INSERT INTO authgraft.accounts (user_id, password_changed_at) VALUES (1, now())",
      "DELETE FROM authgraft.accounts",
    ],
  ] as const;

  test("each refuses alone", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    for (const [kind, arrive, leave] of kinds) {
      await database.query(arrive);
      expect(counts(await down({ databaseUrl: database.url })), arrive).toEqual({ [kind]: 1 });
      await database.query(leave);
    }
    expect((await down({ databaseUrl: database.url })).state).toBe("pending");
  });

  test("a password user of B (B13), even one whose password is gone again", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    await database.query(
      "UPDATE users SET auth_provider_id = NULL WHERE username = (SELECT min(username) FROM users)",
    );
    expect(counts(await down({ databaseUrl: database.url }))).toEqual({ no_provider: 1 });
  });
});

describe("a record that somebody has written into", () => {
  test.each([
    [
      "an origin that there is not",
      "UPDATE authgraft.provenance SET origin = 'martian' WHERE name = 'email'",
    ],
    ["no rows at all", "DELETE FROM authgraft.provenance"],
    [
      "a constraint without a name",
      `UPDATE authgraft.provenance SET before = '{"constraint": {"name": 5}}' WHERE kind = 'column'`,
    ],
  ])("%s: nothing is taken out on its word", async (_, tamper) => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(tamper);
    const observer = await observe(database);
    const before = await observer.whole();
    expect((await down(options)).refusals.map(({ code }) => code)).toEqual(["provenance_missing"]);
    expect(await observer.whole()).toEqual(before);
  });

  test("the application's primary key is never dropped as the graft's constraint", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    const observer = await observe(database);
    await up(options);
    await database.query(
      "INSERT INTO authgraft.provenance (kind, name, origin, step) VALUES ('constraint', 'users_pkey', 'graft', 'users-email-constraint')",
    );
    const before = await observer.whole();
    expect((await down(options)).refusals.map(({ code }) => code)).toEqual(["graft_constraint_changed"]);
    expect(await observer.whole()).toEqual(before);
  });
});
