import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { parseFirebaseParameters } from "../../../src/accounts/import/records/firebase-parameters.ts";
import { openAuth } from "../../support/auth.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, hashOf, importText, usersIn } from "./support.ts";

const HASH = hashOf("analytical-engine");
const OTHER = hashOf("nanoseconds-of-wire");

let database: TestDatabase;

beforeEach(async () => {
  database = await graftedTable(
    "INSERT INTO users (username, email) VALUES ('ada', 'ada@example.com'), ('alan', 'alan@example.com')",
  );
});

function csv(...lines: string[]): string {
  return `${lines.join("\n")}\n`;
}

describe("a password that is replaced", () => {
  test("ends the sessions of its user, and of nobody who gets a first one", async () => {
    await importText(database, csv("email,password_hash", `ada@example.com,${HASH}`));
    const auth = await openAuth(database);
    const login = (password: string) => auth.post("/v1/auth/login", { email: "ada@example.com", password });
    const { body } = await login("analytical-engine");
    const me = () => auth.get("/v1/users/me", { token: body.token });
    expect((await me()).status).toBe(200);
    const report = await importText(
      database,
      csv("email,password_hash", `ada@example.com,${OTHER}`, `alan@example.com,${OTHER}`),
      { replacePasswords: true },
    );
    expect(report.written).toMatchObject({ password_replaced: 1, password_added: 1 });
    expect((await me()).status).toBe(401);
    expect((await login("nanoseconds-of-wire")).status).toBe(200);
    const { rows } = await database.query(`
      SELECT u.username, a.token_generation AS generation, a.password_changed_at IS NOT NULL AS changed
      FROM users u JOIN authgraft.accounts a ON a.user_id = u.id`);
    expect(rows).toEqual([{ username: "ada", generation: 1, changed: true }]);
  });

  test("keeps what the account is besides, and counts on", async () => {
    await importText(database, csv("email,password_hash", `ada@example.com,${HASH}`));
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, token_generation, disabled_at) VALUES (1, 4, now())",
    );
    const text = csv("email,password_hash", `ada@example.com,${OTHER}`);
    await importText(database, text, { replacePasswords: true });
    await importText(database, text, { replacePasswords: true });
    const { rows } = await database.query(
      "SELECT token_generation AS generation, disabled_at IS NOT NULL AS disabled FROM authgraft.accounts",
    );
    expect(rows).toEqual([{ generation: 5, disabled: true }]);
  });
});

describe("an address that the file says was never verified", () => {
  const text = csv(
    "email,email_verified,password_hash",
    `ADA@example.com,False,${HASH}`,
    `new@example.com,false,${HASH}`,
    `alan@example.com,,${HASH}`,
  );

  test("is not enough to give an existing user a password; new users are made all the same", async () => {
    const report = await importText(database, text, { skipInvalid: true });
    expect(report.written).toMatchObject({ new: 1, password_added: 1 });
    expect(report.refused).toEqual([
      {
        ...{ row: 2, field: "email" },
        reason: expect.stringMatching(/^The file says this address was never verified; whoever has it there/),
      },
    ]);
    expect((await usersIn(database))[0]).toMatchObject({ username: "ada", password_hash: null });
  });

  test("is with --trust-unverified-emails, or where the match is by another part", async () => {
    const trusted = await importText(database, text, { dryRun: true, trustUnverifiedEmails: true });
    expect(trusted.outcomes).toMatchObject({ password_added: 2, new: 1, refused: 0 });
    const byName = csv("username,email,email_verified,password_hash", `ada,ada@example.com,false,${HASH}`);
    const named = await importText(database, byName, { dryRun: true, match: "username" });
    expect(named.outcomes).toMatchObject({ password_added: 1, refused: 0 });
  });

  test("does not stop a second run: whom the first one made is as the row says", async () => {
    const own = csv("email,email_verified,password_hash", `new@example.com,false,${HASH}`);
    await importText(database, own);
    expect(await importText(database, own)).toMatchObject({ state: "imported", outcomes: { unchanged: 1 } });
  });
});

test("who is disabled in the file stays enabled where they are a user already, and the report counts them", async () => {
  const text = csv("email,disabled", "ada@example.com,true", "alan@example.com,no", "new@example.com,true");
  const report = await importText(database, text);
  expect(report).toMatchObject({ state: "imported", outcomes: { new: 1, unchanged: 2 } });
  expect(report.notes).toEqual(["Existing users whom the file has as disabled: 1; left as they are."]);
  expect((await usersIn(database)).map(({ disabled }) => disabled)).toEqual([false, false, true]);
  expect((await importText(database, text)).notes).toEqual(report.notes);
});

test("--without-unverifiable-hashes: rows whose hash verifies nothing come without a password", async () => {
  const text = csv(
    "email,password_hash",
    "one@example.com,$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    `two@example.com,${HASH.slice(0, 40)}`,
    `three@example.com,${HASH.replace("$04$", "$31$")}`,
    "four@example.com,nothing that anybody knows",
    "five@example.com,!",
    `six@example.com,${HASH}`,
  );
  expect((await importText(database, text, { dryRun: true })).outcomes).toMatchObject({ refused: 4, new: 2 });
  const report = await importText(database, text, { withoutUnverifiableHashes: true });
  expect(report).toMatchObject({ outcomes: { refused: 0 }, written: { new: 6 } });
  expect(report.notes).toEqual(["Rows whose hash verifies nothing: 4; they carry no password."]);
  expect((await usersIn(database)).slice(2).map(({ password_hash }) => password_hash)).toEqual([
    ...Array(5).fill(null),
    HASH,
  ]);
});

describe("a hash that is broken in the export of a service", () => {
  const parameters = readFileSync(new URL("./files/firebase-params.txt", import.meta.url), "utf8");
  const credentials = [
    { type: "password", secretData: "{}", credentialData: '{"algorithm":"of-their-own"}' },
  ];
  const user = { email: "new@example.com", passwordHash: "no base64!", salt: "x" };

  test.for([
    ["Keycloak", { users: [{ id: "1", username: "new", email: "new@example.com", credentials }] }],
    ["Firebase", { users: [{ localId: "1", ...user }] }],
  ] as const)("%s: the row does not fit, or comes without a password", async ([, file]) => {
    const options = { firebase: parseFirebaseParameters(parameters) };
    const refused = await importText(database, JSON.stringify(file), options);
    expect(refused.refused).toEqual([{ row: 1, field: "password_hash", reason: expect.any(String) }]);
    expect(refused.hashes).toMatchObject([{ fault: "malformed", count: 1 }]);
    const without = { ...options, withoutUnverifiableHashes: true };
    expect((await importText(database, JSON.stringify(file), without)).written.new).toBe(1);
    expect((await usersIn(database))[2]).toMatchObject({ email: "new@example.com", password_hash: null });
  });
});
