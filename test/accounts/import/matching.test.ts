import { beforeEach, describe, expect, test } from "vitest";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, hashOf, importText, usersIn } from "./support.ts";

const HASH = hashOf("analytical-engine");
const OTHER = hashOf("nanoseconds-of-wire");

let database: TestDatabase;

beforeEach(async () => {
  database = await graftedTable(`
    INSERT INTO users (username, email) VALUES ('ada', 'Ada@Example.com'), ('grace', NULL), ('alan', 'alan@example.com')`);
});

function csv(...lines: string[]): string {
  return `${lines.join("\n")}\n`;
}

describe("a row and the users of the table", () => {
  test("an email matches whatever its case; the user gets the password and keeps everything else", async () => {
    const before = await usersIn(database);
    const report = await importText(
      database,
      csv("email,username,display_name,password_hash", `ADA@example.COM,lovelace,Countess,${HASH}`),
    );
    expect(report).toMatchObject({
      state: "imported",
      match: "email",
      outcomes: { password_added: 1 },
      written: { password_added: 1 },
    });
    expect(await usersIn(database)).toEqual(
      before.map((user) => (user.id === 1 ? { ...user, password_hash: HASH } : user)),
    );
  });

  test("the first of id, email and username that the file has decides, unless --match says another", async () => {
    const text = csv("id,email,username,password_hash", `3,alan@example.com,alan,${HASH}`);
    expect((await importText(database, text, { dryRun: true })).match).toBe("id");
    expect((await importText(database, text, { dryRun: true, match: "username" })).match).toBe("username");
    expect(
      (await importText(database, csv("username,email", "alan,alan@example.com"), { dryRun: true })).match,
    ).toBe("email");
  });

  test("ids alone decide nothing without --match id: other people may have them here", async () => {
    const text = csv("id,password_hash", `3,${HASH}`);
    await expect(importText(database, text)).rejects.toMatchObject({
      code: "usage_invalid",
      fix: expect.stringContaining("--match id"),
    });
    expect((await importText(database, text, { match: "id" })).written.password_added).toBe(1);
  });

  test("users whom the file would make anew by their emails, though the table has their usernames: the report asks", async () => {
    const text = csv("email,username,password_hash", `ada@elsewhere.example,ada,${HASH}`);
    const hint = "Are these the users you have? --match username adds to them.";
    const report = await importText(database, text, { dryRun: true });
    expect(report.refused).toMatchObject([{ row: 2, field: "username" }]);
    expect(report.notes).toEqual([hint]);
    const other = csv("email,username,password_hash", `grace@example.com,hopper,${HASH}`);
    expect((await importText(database, other, { dryRun: true })).notes).toEqual([]);
  });

  test("what is NULL is filled in, what is there stays", async () => {
    const report = await importText(
      database,
      csv("username,email,password_hash", `grace,grace@example.com,${HASH}`),
      { match: "username" },
    );
    expect(report.written).toMatchObject({ password_added: 1 });
    expect((await usersIn(database))[1]).toMatchObject({ email: "grace@example.com", password_hash: HASH });
  });

  test("a user who has a password keeps it, unless --replace-passwords", async () => {
    await importText(database, csv("id,password_hash", `1,${HASH}`), { match: "id" });
    const kept = await importText(database, csv("id,password_hash", `1,${OTHER}`), { match: "id" });
    expect(kept).toMatchObject({ outcomes: { kept: 1 }, written: { password_replaced: 0 } });
    expect((await usersIn(database))[0]?.password_hash).toBe(HASH);
    const replaced = await importText(database, csv("id,password_hash", `1,${OTHER}`), {
      ...{ match: "id", replacePasswords: true },
    });
    expect(replaced.written).toMatchObject({ password_replaced: 1 });
    expect((await usersIn(database))[0]?.password_hash).toBe(OTHER);
  });

  test("an id that belongs to somebody with another email or username is refused: it is another person's", async () => {
    const report = await importText(
      database,
      csv("id,email,username,password_hash", `1,eve@example.com,,${HASH}`, `3,,eve,${HASH}`),
      { dryRun: true },
    );
    expect(report.refused).toEqual([
      { row: 2, field: "email", reason: "The user whom it matches has another email." },
      { row: 3, field: "username", reason: "The user whom it matches has another username." },
    ]);
  });

  test("a new row's email or username that another user has is refused", async () => {
    const report = await importText(
      database,
      csv(
        "id,email,username",
        "7,ALAN@example.com,alan2",
        "8,new@example.com,ada",
        "9,free@example.com,free",
      ),
    );
    expect(report).toMatchObject({ state: "refused", outcomes: { refused: 2, new: 1 } });
    expect(report.refused.map(({ row, field }) => [row, field])).toEqual([
      [2, "email"],
      [3, "username"],
    ]);
    expect(await usersIn(database)).toHaveLength(3);
  });

  test("--existing-only makes nobody, and tells who is not there", async () => {
    const report = await importText(
      database,
      csv("email,password_hash", `new@example.com,${HASH}`, `alan@example.com,${HASH}`),
      { existingOnly: true },
    );
    expect(report.outcomes).toMatchObject({ absent: 1, password_added: 1, refused: 0 });
    expect(await usersIn(database)).toHaveLength(3);
  });

  test("a second run changes nothing, and says so", async () => {
    const text = csv(
      "email,username,password_hash",
      `alan@example.com,,${HASH}`,
      `new@example.com,new,${OTHER}`,
    );
    await importText(database, text);
    const after = await usersIn(database);
    const again = await importText(database, text);
    expect(again).toMatchObject({
      state: "imported",
      outcomes: { unchanged: 2 },
      written: { new: 0, password_added: 0 },
    });
    expect(await usersIn(database)).toEqual(after);
  });
});

describe("a new user", () => {
  test("gets what registration gives: fixed values, the provider, the time; and the ids go on behind the file's", async () => {
    const configuration = { registration: { mode: "open", values: { plan: "free" } } } as const;
    const own = await graftedTable(
      "ALTER TABLE users ADD plan text NOT NULL, ADD auth_provider varchar(20) NOT NULL, ADD auth_provider_id varchar(255)",
      configuration,
    );
    await importText(own, csv("id,email,created_at", "40,new@example.com,2020-02-29T12:00:00+02:00"), {
      configuration,
    });
    const { rows } = await own.query(
      "SELECT id::int, plan, auth_provider, is_admin, created_at::text FROM users",
    );
    expect(rows).toEqual([
      {
        id: 40,
        plan: "free",
        auth_provider: "email",
        is_admin: false,
        created_at: expect.stringMatching(/^2020-02-29 10:00:00\+00/),
      },
    ]);
    const next = await own.query(
      "INSERT INTO users (email, plan, auth_provider) VALUES ('later@example.com', 'free', 'email') RETURNING id::int",
    );
    expect(next.rows).toEqual([{ id: 41 }]);
  });

  test("cannot be made where a column gets no value: the configuration is wrong, and nothing is written", async () => {
    const configuration = { registration: "off" } as const;
    const own = await graftedTable("ALTER TABLE users ADD plan text NOT NULL", configuration);
    await expect(importText(own, csv("email", "new@example.com"), { configuration })).rejects.toMatchObject({
      code: "configuration_invalid",
      message: 'No row can be made: "plan" must have a value and gets none.',
    });
    const existing = await importText(own, csv("email", "new@example.com"), {
      configuration,
      existingOnly: true,
    });
    expect(existing.outcomes.absent).toBe(1);
  });

  test("has ids of the application's own making where registration makes them", async () => {
    let last = 100;
    const configuration = { registration: { mode: "open", generateId: () => String(++last) } } as const;
    const own = await graftedTable("ALTER TABLE users ALTER id DROP DEFAULT", configuration);
    await importText(own, csv("email", "one@example.com", "two@example.com"), { configuration });
    expect((await usersIn(own)).map(({ id }) => id)).toEqual([101, 102]);
  });
});

describe("what else a file says", () => {
  const text = csv(
    "email,email_verified,is_admin,disabled,password_hash",
    `ada@example.com,true,true,false,${HASH}`,
    `new@example.com,yes,no,1,${HASH}`,
  );

  test("is left out by default, disabled accounts aside", async () => {
    const report = await importText(database, text);
    expect(report.notes).toHaveLength(2);
    const users = await usersIn(database);
    expect(users.filter(({ password_hash }) => password_hash !== null)).toEqual([
      expect.objectContaining({ id: 1, is_admin: false, verified_email: null, disabled: false }),
      expect.objectContaining({
        email: "new@example.com",
        is_admin: false,
        verified_email: null,
        disabled: true,
      }),
    ]);
  });

  test("is taken over where that is asked for, and only once", async () => {
    const options = { trustVerifiedEmails: true, withAdmins: true };
    await importText(database, text, options);
    const users = await usersIn(database);
    expect(users.filter(({ password_hash }) => password_hash !== null)).toEqual([
      expect.objectContaining({ id: 1, is_admin: true, verified_email: "Ada@Example.com", disabled: false }),
      expect.objectContaining({
        email: "new@example.com",
        is_admin: false,
        verified_email: "new@example.com",
        disabled: true,
      }),
    ]);
    expect((await importText(database, text, options)).outcomes).toMatchObject({ unchanged: 2 });
  });

  test("plaintext passwords are hashed, and never stand in the database as they are", async () => {
    const passwords = csv(
      "email,password",
      "ada@example.com,analytical-engine",
      "new@example.com,nanoseconds-of-wire",
    );
    const report = await importText(database, passwords);
    expect(report).toMatchObject({ plain_passwords: 2, written: { new: 1, password_added: 1 } });
    const users = await usersIn(database);
    expect(JSON.stringify(users)).not.toContain("analytical-engine");
    expect(users.filter(({ password_hash }) => String(password_hash).startsWith("$2b$04$"))).toHaveLength(2);
    expect((await importText(database, passwords)).outcomes).toMatchObject({ kept: 2 });
  });

  test("a hash in the column of passwords is refused, and so is what is no hash in the column of hashes", async () => {
    const hashes = await importText(database, csv("email,password", `ada@example.com,${HASH}`), {
      dryRun: true,
    });
    expect(hashes.refused).toEqual([
      { row: 2, field: "password", reason: "It is a hash: say --column password_hash=HEADER." },
    ]);
    const plain = await importText(
      database,
      csv("email,password_hash", "ada@example.com,analytical-engine"),
      { dryRun: true },
    );
    expect(plain.refused).toMatchObject([{ row: 2, field: "password_hash" }]);
    expect(JSON.stringify(plain)).not.toContain("analytical-engine");
  });
});

test("a username that several users have matches nobody, and a deleted user is left alone", async () => {
  const own = await graftedTable(`
    ALTER TABLE users DROP CONSTRAINT users_username_key, ADD deleted_at timestamptz;
    INSERT INTO users (username, deleted_at) VALUES ('ada', NULL), ('ada', NULL), ('gone', now()), ('alan', NULL)`);
  const report = await importText(
    own,
    csv("username,password_hash", `ada,${HASH}`, `gone,${HASH}`, `alan,${HASH}`),
    { skipInvalid: true },
  );
  expect(report.refused.map(({ row, reason }) => [row, reason])).toEqual([
    [2, "Several users of the table have this username."],
    [3, "The user is marked as deleted."],
  ]);
  expect(report.written.password_added).toBe(1);
});

test("usernames that are one to a citext column are two rows for one user", async () => {
  const own = await graftedTable(
    "CREATE EXTENSION citext; ALTER TABLE users ALTER username TYPE citext; INSERT INTO users (username) VALUES ('Ada')",
  );
  const report = await importText(own, csv("username,password_hash", `ada,${HASH}`, `ADA,${OTHER}`), {
    dryRun: true,
  });
  expect(report.refused.map(({ reason }) => reason)).toEqual(
    Array(2).fill("Another row matches the same user."),
  );
});
