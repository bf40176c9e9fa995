import { beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft } from "./command-line.ts";

// One database through its whole life, in the order of the tests: what each command says is what a
// person sees who follows the README.
let database: TestDatabase;
let url: readonly string[];

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a" });
  url = ["--database-url", database.url];
});

const STEPS = [
  "graft-schema",
  "users-columns",
  "users-email-index",
  "revoked-tokens",
  "accounts",
  "sessions",
  "signing-keys",
  "audit-log",
  "one-time-tokens",
  "mail-queue",
  "rate-limits",
  "revocations",
  "revocation-feed",
  "foreign-keys",
];

const ESCAPE = "\u001b";

test("inspect shows the table, the mapping and what stands in the way", async () => {
  const [text, json] = await Promise.all([
    authgraft(["inspect", ...url]),
    authgraft(["inspect", "--json", ...url]),
  ]);
  expect([text.code, json.code]).toEqual([0, 0]);
  expect(text.stdout).toMatch(/^public\.users in the database test_\w+ \(PostgreSQL \d+\.\d+\)/);
  expect(text.stdout).toMatch(/^ {2}username +username +character varying\(50\), not null$/m);
  expect(text.stdout).toMatch(/^ {2}password_hash +password_hash +will be added$/m);
  expect(text.stdout).toContain("Nothing is in the way.");
  expect(json.json()).toMatchObject({
    table: { schema: "public", name: "users", state: "pending" },
    mapping: { id: "id", username: "username", email: "email", auth_provider: null },
    blockers: [],
  });
  expect(json.stderr).toBe("");
});

test("plan prints every step with its statements, lock and reason, and changes nothing", async () => {
  const [text, json] = await Promise.all([
    authgraft(["plan", ...url]),
    authgraft(["plan", "--json", ...url]),
  ]);
  const plan = json.json();
  expect([text.code, json.code]).toEqual([0, 0]);
  expect(plan).toMatchObject({ state: "pending", refusals: [], warnings: expect.any(Array) });
  expect(plan.steps.map(({ id }: { id: string }) => id)).toEqual(STEPS);
  for (const step of plan.steps) {
    expect(step).toMatchObject({
      title: expect.any(String),
      reason: expect.any(String),
      state: "pending",
      lock: expect.any(String),
      transactional: expect.any(Boolean),
    });
    expect(step.up.length).toBeGreaterThan(0);
    expect(step.down.length).toBeGreaterThan(0);
    // A person can copy what is printed: it is the same text.
    for (const statement of step.up) {
      const printed = text.stdout.replaceAll(/^ {8}/gm, "");
      expect(printed).toContain(`${statement};`);
    }
  }
  expect(plan.steps[2]).toMatchObject({ lock: "SHARE UPDATE EXCLUSIVE", transactional: false });
  expect(text.stdout).toContain("14 steps to do.");
  expect(await database.query("SELECT FROM pg_namespace WHERE nspname = 'authgraft'")).toMatchObject({
    rowCount: 0,
  });
});

test("status and verify of what is not grafted say so: 0 and 4", async () => {
  const [status, verify, faults] = await Promise.all([
    authgraft(["status", ...url]),
    authgraft(["verify", ...url]),
    authgraft(["verify", "--json", ...url]),
  ]);
  expect([status.code, verify.code]).toEqual([0, 4]);
  expect(status.stdout).toContain("public.users: not grafted, 0 of 14 steps done");
  expect(verify.stdout).toMatch(/^ {2}✗ [\s\S]*\n\nThe graft is not as it should be\. \d+ fault/);
  expect(faults.json()).toMatchObject({ ok: false, findings: expect.any(Array) });
  expect(faults.stderr).toBe("");
});

test("up without --yes asks nobody where nobody can be asked, and changes nothing: 2", async () => {
  const { code, said } = await authgraft(["up", ...url]);
  expect(code).toBe(2);
  expect(said).toContain("→ Say it with --yes: authgraft up --yes");
  expect(await database.query("SELECT FROM pg_namespace WHERE nspname = 'authgraft'")).toMatchObject({
    rowCount: 0,
  });
});

test("up shows the plan, says each step as it does it, and has nothing to do the second time", async () => {
  const first = await authgraft(["up", "--yes", ...url]);
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(
    / {3}1 {2}Create the schema authgraft[\s\S]*\n {2}· Create the schema authgraft/,
  );
  expect(first.stdout).toMatch(
    /^Done: 14 steps\.\nAsked for strong locks \d+ times?, [\s\S]+ ms at most; nobody was seen waiting behind\s+it for longer than [\d.]+ ms\.\n$/,
  );
  const [second, plan] = await Promise.all([authgraft(["up", "--yes", ...url]), authgraft(["plan", ...url])]);
  expect([second.code, second.stdout, second.stderr]).toEqual([0, "Nothing to do: everything stands.\n", ""]);
  expect(plan.stdout).toContain("Nothing to do: everything stands.");
  expect(first.stdout + first.stderr + plan.stdout).not.toContain(ESCAPE);
});

test("status tells the history, verify that all is whole: 0", async () => {
  const [status, json, verify, findings] = await Promise.all([
    authgraft(["status", ...url]),
    authgraft(["status", "--json", ...url]),
    authgraft(["verify", ...url]),
    authgraft(["verify", "--json", ...url]),
  ]);
  expect([status.code, verify.code]).toEqual([0, 0]);
  expect(status.stdout).toContain("public.users: grafted, 14 of 14 steps done");
  expect(status.stdout).toMatch(/ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}up +done, 14 steps, by app_owner/);
  expect(json.json()).toMatchObject({ state: "applied", history: [{ direction: "up", state: "done" }] });
  expect(verify.stdout).toContain("The graft is whole.");
  expect(findings.json()).toMatchObject({ ok: true });
});

test("down refuses to lose a password, by kind and count, and changes nothing: 3", async () => {
  await database.query("UPDATE users SET password_hash = 'h', email = 'ada@example.com' WHERE id = 1");
  const [text, json] = await Promise.all([
    authgraft(["down", "--yes", ...url]),
    authgraft(["down", "--yes", "--json", ...url]),
  ]);
  expect([text.code, json.code]).toEqual([3, 3]);
  expect(text.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /would lose: .*users with a password.* → authgraft down --archive keeps all of it aside/,
  );
  expect(text.stdout).toContain("Refused; nothing was changed.");
  expect(json.json()).toMatchObject({ state: "refused", refusals: [{ code: "data_would_be_lost" }] });
  expect(json.json().losses).toContainEqual(
    expect.objectContaining({ label: "users with a password", count: 1 }),
  );
  expect((await authgraft(["verify", ...url])).code).toBe(0);
});

test("down --archive keeps the data aside, and up --restore brings it back", async () => {
  const down = await authgraft(["down", "--yes", "--archive", ...url]);
  expect(down.code).toBe(0);
  expect(down.stdout).toContain("Done: 14 steps taken back.");
  expect(down.stdout).toContain("authgraft up --restore brings it back.");
  expect((await authgraft(["status", ...url])).stdout).toContain("An archive waits in the schema");
  const up = await authgraft(["up", "--yes", "--restore", ...url]);
  expect(up.code).toBe(0);
  expect(up.stdout).toMatch(/^Restored: 1 user/m);
  const { rows } = await database.query("SELECT email, password_hash FROM users WHERE id = 1");
  expect(rows).toEqual([{ email: "ada@example.com", password_hash: "h" }]);
});

test("down --step goes back one step, up goes on from there, and down --discard-data takes all out", async () => {
  for (const left of [13, 12]) {
    expect((await authgraft(["down", "--yes", "--json", "--step", "--discard-data", ...url])).code).toBe(0);
    const { stdout } = await authgraft(["status", ...url]);
    expect(stdout).toContain(`partly grafted, ${left} of 14 steps done`);
  }
  const verify = await authgraft(["verify", ...url]);
  expect(verify.code).toBe(4);
  expect(verify.stdout).toMatch(
    /✗ step_pending 2 steps\n {4}These steps are not done: revocation-feed, foreign-keys\./,
  );
  const [up, plan] = [
    await authgraft(["up", "--yes", "--json", ...url]),
    await authgraft(["plan", "--json", ...url]),
  ];
  expect(up.json()).toMatchObject({
    state: "applied",
    steps: [{ id: "revocation-feed" }, { id: "foreign-keys" }],
    locks: { attempts: 2, longest_wait_ms: expect.any(Number) },
  });
  expect(up.stderr).toBe("");
  expect(plan.json().state).toBe("applied");
  const down = await authgraft(["down", "--yes", "--json", "--discard-data", ...url]);
  expect([down.code, down.stderr]).toEqual([0, ""]);
  expect(down.json()).toMatchObject({ state: "pending", refusals: [] });
  expect((await authgraft(["down", "--yes", ...url])).stdout).toBe(
    "Nothing to do: there is no graft here.\n",
  );
});
