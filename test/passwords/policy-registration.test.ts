import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { type RangeServer, sha1, startRangeServer } from "../support/range-server.ts";

const STOLEN = "a stolen passphrase";
let made = 0;

/** A registration nobody has sent before. */
function fresh(password: string): Record<string, string> {
  made += 1;
  return {
    email: `pat.${made}@mail.example`,
    username: `pat-${made}`,
    display_name: "Pat Quillfeather",
    password,
  };
}

describe("8: on sign-up, with a service that has a name and looks up breached passwords", () => {
  let database: TestDatabase;
  let server: RangeServer;
  let auth: TestAuth;

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
    server = await startRangeServer([STOLEN]);
    const passwords = {
      contextWords: ["Marmalade Works"],
      breachedPasswordCheck: { url: server.url, timeoutMilliseconds: 10_000 },
    };
    auth = await openAuth(database, { configuration: { passwords } });
  });
  afterAll(async () => {
    await auth?.close();
    await server?.close();
  });

  const register = (password: string) => auth.post("/v1/auth/register", fresh(password));

  test.each([
    ["1: a password of 7 characters", "zebra-7", "password_too_short"],
    ["4: one of 73 characters", "zebra ".repeat(12).concat("!"), "password_too_long"],
    ["7: one of the most common", "Password123", "password_common"],
    ["9: the user's own name", "quillfeather1", "password_guessable"],
    ["9: the service's name", "marmaladeworks", "password_guessable"],
    ["one that was stolen", STOLEN, "password_breached"],
  ])("refuses %s, with the reason, and leaves nothing behind", async (_, password, code) => {
    const before = await database.query("SELECT count(*) FROM users");
    const answer = await register(password);
    const error = { field: "password", code, message: expect.stringMatching(/^[A-Z].+\.$/) };
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code, detail: error.message, errors: [error] });
    expect(answer.body.errors).toHaveLength(1);
    expect(answer.text.toLowerCase()).not.toContain(password.toLowerCase());
    expect(auth.logs.join("").toLowerCase()).not.toContain(password.toLowerCase());
    expect((await database.query("SELECT count(*) FROM users")).rows).toEqual(before.rows);
  });

  test("9: refuses the email as a password, and the part before the @", async () => {
    const registration = fresh("");
    for (const password of [registration.email, "penelope.q"]) {
      const email = password === registration.email ? password : "penelope.q@mail.example";
      const answer = await auth.post("/v1/auth/register", { ...registration, email, password });
      expect(answer.body).toMatchObject({ status: 422, code: "password_guessable" });
    }
  });

  test.each([
    ["1: 8 characters", "zebra-77"],
    ["2: 8 emoji", "🦓🎻🏔🍊📯🪁🧭🪶"],
    ["3: 64 characters", "zebra violin mountain marmalade trumpet kite compass feather 2 x"],
    ["4: 72 characters", "zebra violin mountain marmalade trumpet kite compass feather and so on 1"],
    ["6: small letters alone", "zebraviolinmountain"],
    ["6: spaces alone", " ".repeat(9)],
    ["9: a passphrase that holds the user's name", "quillfeather plays the violin"],
  ])("takes %s", async (_, password) => {
    expect(await register(password)).toMatchObject({ status: 201 });
  });

  test("5: a password counts exactly as it was sent: its case, and the spaces around it", async () => {
    const registration = fresh("  Zebra violin  ");
    expect((await auth.post("/v1/auth/register", registration)).status).toBe(201);
    const login = async (password: string) =>
      (await auth.post("/v1/auth/login", { email: registration.email, password })).status;
    expect(await login("  Zebra violin  ")).toBe(200);
    expect(await login("Zebra violin")).toBe(401);
    expect(await login("  zebra violin  ")).toBe(401);
  });

  test("says what is wrong with the rest as well, and asks nobody about the password then", async () => {
    const asked = server.requests.length;
    const both = await auth.post("/v1/auth/register", { ...fresh("iloveyou"), email: "no" });
    expect(both.body.errors.map(({ code }: { code: string }) => code)).toEqual([
      "field_invalid",
      "password_common",
    ]);
    const other = await auth.post("/v1/auth/register", { ...fresh(STOLEN), email: "no" });
    expect(other.body.errors.map(({ code }: { code: string }) => code)).toEqual(["field_invalid"]);
    expect(server.requests).toHaveLength(asked);
  });
});

test("registration goes on where breached passwords cannot be looked up, and the log says so", async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  const server = await startRangeServer([STOLEN], {
    misbehave: (response) => void response.writeHead(500).end(),
  });
  onTestFinished(() => server.close());
  const passwords = { breachedPasswordCheck: { url: server.url, timeoutMilliseconds: 10_000 } };
  const auth = await openAuth(database, { configuration: { passwords } });
  expect((await auth.post("/v1/auth/register", fresh(STOLEN))).status).toBe(201);
  const warning = auth.logs.find((line) => line.includes("breached"));
  expect(JSON.parse(warning ?? "{}")).toMatchObject({ level: 40, reason: "status 500" });
  expect(auth.logs.join("")).not.toContain(sha1(STOLEN).slice(0, 5));
});

test("a password that would be refused now still logs its owner in", async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  const lax = await openAuth(database, { configuration: { passwords: { contextWords: [] } } });
  const registration = fresh("marmalade-9");
  expect((await lax.post("/v1/auth/register", registration)).status).toBe(201);
  const strict = await openAuth(database, { configuration: { passwords: { contextWords: ["marmalade"] } } });
  const refused = await strict.post("/v1/auth/register", fresh("marmalade-9"));
  expect(refused.body).toMatchObject({ status: 422, code: "password_guessable" });
  const { email, password } = registration;
  expect((await strict.post("/v1/auth/login", { email, password })).status).toBe(200);
});
