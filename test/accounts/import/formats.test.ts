import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseFirebaseParameters } from "../../../src/accounts/import/records/firebase-parameters.ts";
import { openAuth } from "../../support/auth.ts";
import { graftedTable, hashOf, type ImportRequest, importText, usersIn } from "./support.ts";

function fileOf(name: string): Buffer {
  return readFileSync(new URL(`./files/${name}`, import.meta.url));
}

const firebase = parseFirebaseParameters(fileOf("firebase-params.txt").toString());

interface Example {
  readonly file: string;
  readonly format: string;
  readonly users: readonly object[];
  /** Ada's password, with which she signs in afterwards. */
  readonly password: string;
  readonly options?: ImportRequest;
}

const DISABLED = { email: "grace@example.com", disabled: true };
const KEY = { passwords: { legacy: { firebaseSignerKey: firebase.signerKey } } };
const FIREBASE = {
  users: [{ email: "ada@example.com", display_name: "Ada Lovelace", disabled: false }, DISABLED],
  password: "user1password",
  options: { firebase, configuration: KEY },
};
const DJANGO = {
  users: [
    { id: 101, username: "ada", email: "ada@example.com", display_name: "Ada Lovelace", is_admin: true },
    { id: 102, username: "grace", display_name: "Grace Hopper", is_admin: false, disabled: false },
    { id: 103, username: "alan", password_hash: null, disabled: true },
  ],
  password: "analytical-engine",
  options: { withAdmins: true },
};

const EXAMPLES: readonly Example[] = [
  {
    file: "users.csv",
    format: "CSV",
    users: [
      { username: "ada", display_name: "Lovelace, Ada" },
      { username: "grace", display_name: 'Grace "Amazing" Hopper' },
      { username: "alan", display_name: null },
    ],
    password: "analytical-engine",
  },
  {
    file: "users.jsonl",
    format: "JSON Lines",
    users: [
      { username: "ada" },
      { username: "grace", disabled: true },
      { username: "alan", password_hash: null },
    ],
    password: "analytical-engine",
  },
  { file: "firebase.json", format: "Firebase's export, JSON", ...FIREBASE },
  { file: "firebase.csv", format: "Firebase's export, CSV", ...FIREBASE },
  {
    file: "auth0.ndjson",
    format: "Auth0's export of password hashes, JSON Lines",
    users: [
      { email: "ada@example.com", verified_email: "ada@example.com" },
      { email: "grace@example.com", verified_email: null },
    ],
    password: "analytical-engine",
    options: { trustVerifiedEmails: true },
  },
  {
    file: "keycloak.json",
    format: "a realm of Keycloak, JSON",
    users: [
      { username: "ada", display_name: "Ada Lovelace" },
      { ...DISABLED, password_hash: null },
    ],
    password: "analytical-engine",
  },
  { file: "django.json", format: "Django's users, JSON", ...DJANGO },
  { file: "django.jsonl", format: "Django's users, JSON Lines", ...DJANGO },
  { file: "django.csv", format: "Django's users, CSV", ...DJANGO },
  { file: "django.sql", format: "Django's users, a plain dump of pg_dump", ...DJANGO },
];

describe.for(EXAMPLES)("$file", ({ file, format, users, password, options = {} }) => {
  test("is recognised, imported whole, and its users sign in with their old passwords", async () => {
    const database = await graftedTable();
    const report = await importText(database, fileOf(file), options);
    expect(report).toMatchObject({
      state: "imported",
      format,
      outcomes: { new: users.length, refused: 0 },
      needs: [],
    });
    expect(await usersIn(database)).toMatchObject(users);
    const auth = await openAuth(database, { configuration: options.configuration ?? {} });
    const login = (secret: string) =>
      auth.post("/v1/auth/login", { email: "ada@example.com", password: secret });
    expect((await login(`${password}!`)).status).toBe(401);
    expect((await login(password)).status).toBe(200);
  });
});

test("Firebase's hashes need the project's parameters, and the server its signer key, which is stored nowhere", async () => {
  const database = await graftedTable();
  const without = await importText(database, fileOf("firebase.json"));
  expect(without).toMatchObject({
    state: "refused",
    refused: [{ row: 1, field: "password_hash", reason: "It needs the project's --firebase-params." }],
  });
  const report = await importText(database, fileOf("firebase.json"), { firebase });
  expect(report.needs).toEqual(["passwords.legacy.firebaseSignerKey"]);
  expect(JSON.stringify([report, await usersIn(database)])).not.toContain(firebase.signerKey.slice(0, 20));
});

test("a pepper marks the bcrypt hashes, and is stored nowhere", async () => {
  const database = await graftedTable();
  const pepper = "a pepper that nobody sees";
  const text = `email,password_hash\nada@example.com,${hashOf(`analytical-engine${pepper}`)}\n`;
  const report = await importText(database, text, { pepper });
  expect(report).toMatchObject({ written: { new: 1 }, needs: ["passwords.legacy.pepper"] });
  expect(JSON.stringify([report, await usersIn(database)])).not.toContain(pepper);
  const auth = await openAuth(database, { configuration: { passwords: { legacy: { pepper } } } });
  const answer = await auth.post("/v1/auth/login", {
    email: "ada@example.com",
    password: "analytical-engine",
  });
  expect(answer.status).toBe(200);
});

test("a service's ids are left out, unless --keep-ids", async () => {
  const database = await graftedTable("ALTER TABLE users ALTER id DROP DEFAULT, ALTER id TYPE text", {
    registration: "off",
  });
  const configuration = { registration: "off" } as const;
  const without = await importText(database, fileOf("auth0.ndjson"), { dryRun: true, configuration });
  expect(without.refused[0]).toMatchObject({ field: "id", reason: "A new user needs an id." });
  await importText(database, fileOf("auth0.ndjson"), { keepIds: true, configuration });
  const { rows } = await database.query("SELECT id FROM users ORDER BY id");
  expect(rows).toEqual([{ id: "auth0|5dea9f9c82dd7c0e76e4ec01" }, { id: "auth0|5dea9f9c82dd7c0e76e4ec02" }]);
});
