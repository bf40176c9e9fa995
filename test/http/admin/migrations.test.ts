import { describe, expect, test } from "vitest";
import { createOperator } from "../../../src/auth/operator.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { createMigrationDesk } from "../../../src/migration/migration-desk.ts";
import { openAdmin, openOperator, register } from "../../support/admin.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const openFor = (database: TestDatabase) => openOperator(database, { migrationDatabase: database.url });

describe.for(["a", "b"] as const)("on sample %s", (sample) => {
  test("an operator grafts a database over HTTP, looks, and takes the graft out again", async () => {
    const database = await createTestDatabase({ sample });
    const operator = openFor(database);
    expect((await operator.get("/admin/migrations")).body).toMatchObject({ state: "pending", run: null });
    const plan = (await operator.get("/admin/migrations/plan")).body;
    expect(plan.state).toBe("pending");
    expect(plan.steps[0]).toMatchObject({
      state: "pending",
      up: expect.arrayContaining([expect.stringContaining("CREATE SCHEMA")]),
    });
    const up = await operator.post("/admin/migrations/up");
    expect([up.status, up.body.run]).toMatchObject([200, { direction: "up", state: "done", error: null }]);
    expect(up.body.run.steps).toHaveLength(plan.steps.length);
    const status = (await operator.get("/admin/migrations")).body;
    expect(status).toMatchObject({ state: "applied", run: { state: "done" } });
    expect(status.history[0]).toMatchObject({ direction: "up", state: "done" });
    const audit = await database.query("SELECT event, actor, result FROM authgraft.audit_log");
    expect(audit.rows).toEqual([{ event: "migration_up", actor: "admin_key", result: "success" }]);
    expect((await operator.post("/admin/migrations/up", {})).body.run).toMatchObject({
      state: "done",
      steps: [],
    });
    const down = await operator.post("/admin/migrations/down");
    expect([down.status, down.body.run]).toMatchObject([200, { direction: "down", state: "done" }]);
    expect((await operator.get("/admin/migrations")).body).toMatchObject({
      state: "pending",
      run: { direction: "down" },
    });
    expect(operator.logs.join("")).toContain("migration_down");
  });
});

describe("POST /admin/migrations/down", () => {
  test("B13: is refused with what would be lost and what to do about it, and an archive brings it back", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    const auth = await openAdmin(database, { migrationDatabase: database.url });
    const person = await register(auth);
    const refused = await auth.post("/admin/migrations/down", {});
    expect([refused.status, refused.body.code]).toEqual([409, "refused"]);
    expect(refused.body.findings[0]).toMatchObject({
      code: "data_would_be_lost",
      message: expect.stringContaining("password"),
      fix: expect.stringContaining("--archive"),
    });
    expect((await auth.get(`/admin/users/${person.id}`)).status).toBe(200);
    const { body } = await auth.get("/admin/audit?event=migration_down");
    expect(body.events).toMatchObject([{ result: "failure", actor: { kind: "admin_key" } }]);
    const archived = await auth.post("/admin/migrations/down", { archive: true });
    expect([archived.status, archived.body.run.archive]).toEqual([200, "authgraft_archive"]);
    expect((await auth.get("/admin/users")).body.code).toBe("not_grafted");
    expect((await auth.get("/admin/migrations")).body).toMatchObject({ archive: "authgraft_archive" });
    const restored = await auth.post("/admin/migrations/up", { restore: true });
    expect([restored.status, restored.body.run.state]).toEqual([200, "done"]);
    expect((await auth.get(`/admin/users/${person.id}`)).status).toBe(200);
    const discarded = await auth.post("/admin/migrations/down", { discard_data: true });
    expect([discarded.status, discarded.body.run.state]).toEqual([200, "done"]);
  });

  test("a step at a time; choices that do not go together are refused by their field", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const operator = openFor(database);
    expect((await operator.post("/admin/migrations/down", { step: true })).body.run.steps).toHaveLength(1);
    expect((await operator.get("/admin/migrations")).body.state).toBe("pending");
    for (const body of [
      { archive: true, step: true },
      { archive: true, discard_data: true },
      { steps: 1 },
      { step: 1 },
    ]) {
      expect((await operator.post("/admin/migrations/down", body)).status).toBe(422);
    }
    const nothing = await operator.post("/admin/migrations/up", { restore: true });
    expect([nothing.status, nothing.body.code]).toEqual([409, "refused"]);
    expect(nothing.body.detail).toContain("archive");
  });
});

test("what stands in the way is told with its fix, and nothing is changed", async () => {
  const database = await createTestDatabase({ sample: "a" });
  await database.query("CREATE TABLE revoked_tokens (id int)");
  const operator = openFor(database);
  const { status, body } = await operator.post("/admin/migrations/up");
  expect([status, body.code]).toEqual([409, "refused"]);
  expect(body.findings.length).toBeGreaterThan(0);
  for (const { fix } of body.findings) expect(fix).not.toBe("");
  expect((await operator.get("/admin/migrations")).body).toMatchObject({
    state: "refused",
    run: { state: "refused" },
  });
});

test("a run that takes long goes on, keeps a second one out, and ends with the server", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const holder = await database.client();
  await holder.query("BEGIN; LOCK TABLE users IN ACCESS SHARE MODE");
  const told: string[] = [];
  const desk = createMigrationDesk<string>({
    ...{ databaseUrl: database.url, configuration: parseConfiguration({}), now: Date.now, patience: 10 },
    onChange: async ({ state }, by) => void told.push(`${state} by ${by}`),
  });
  expect((await desk.up({ restore: false }, "ada")).state).toBe("running");
  await expect(desk.down({ step: false, archive: false, discardData: false }, "grace")).rejects.toMatchObject(
    {
      code: "migration_running",
    },
  );
  await eventually(async () => (await desk.status()).run?.progress).not.toBe(null);
  await desk.stop();
  expect((await desk.status()).run).toMatchObject({ state: "failed", error: { code: "interrupted" } });
  expect(told).toEqual(["running by ada", "failed by ada"]);
});

describe("a server for its operator alone", () => {
  test("has no other routes, lets nobody in without the key, and is ready when the database answers", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const operator = openOperator(database, {
      migrationDatabase: database.url,
      adminQueryDatabase: database.url,
    });
    const { paths } = (await operator.send("/openapi.json")).body;
    expect(Object.keys(paths).toSorted()).toEqual([
      ...["/admin/migrations", "/admin/migrations/down", "/admin/migrations/plan", "/admin/migrations/up"],
      ...["/admin/query", "/healthz", "/openapi.json", "/readyz"],
    ]);
    for (const path of ["/v1/auth/login", "/admin/users"])
      expect((await operator.get(path)).status).toBe(404);
    for (const headers of [{}, { authorization: "Bearer x.y.z" }, { "x-admin-api-key": "wrong" }]) {
      expect((await operator.send("/admin/migrations", { headers })).status).toBe(401);
    }
    expect((await operator.send("/readyz")).status).toBe(200);
    const query = await operator.post("/admin/query", { query: "SELECT id FROM users WHERE id = 1" });
    expect([query.status, query.body]).toEqual([200, [{ command: "SELECT", row_count: 1 }]]);
    expect(operator.logs.join("")).toContain("SELECT id FROM users WHERE id = …");
    await database.drop();
    expect((await operator.send("/readyz")).status).toBe(503);
    expect((await operator.get("/admin/migrations")).status).toBe(503);
  });

  test("does not start without a key", () => {
    expect(() => createOperator({ database: "postgres://localhost/nowhere" })).toThrow(
      "ADMIN_API_KEY is not set",
    );
  });
});
