import { describe, expect, test } from "vitest";
import { MigrationError } from "../../../src/errors.ts";
import { GATES } from "../../../src/migration/rehearse/gates/gate-record.ts";
import type { Gate, GateId } from "../../../src/migration/rehearse/rehearsal.ts";
import { up } from "../../../src/migration/up.ts";
import { VERSION } from "../../../src/migration/version.ts";
import { createTestDatabase, serverMajor } from "../../support/postgres.ts";
import { NEWEST, testOnNewest } from "./gates-support.ts";
import { onServer, redGates, rehearseHere, scratchServer, sqlSource } from "./rehearse-support.ts";

const IDS = Object.keys(GATES);

/** The largest there is: what a busy machine makes of 50 ms is not the matter here. */
const PATIENT = { lock: { budgetMilliseconds: 10_000 } };

/** What a dump brings along runs as whoever writes to its tables: that must not be somebody who may do anything. */
const NEVER_AS_SUPERUSER = `
  CREATE FUNCTION look_at_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname IN (session_user, current_user)) THEN RAISE 'written by a superuser';
    END IF;
    RETURN coalesce(NEW, OLD);
  END $$;
  CREATE TRIGGER look_at_user BEFORE INSERT OR UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION look_at_user();
  CREATE FUNCTION look_at_planner(boolean) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname IN (session_user, current_user)) THEN RAISE 'planned by a superuser';
    END IF;
    RETURN $1;
  END $$;
  CREATE INDEX looked_at ON users (id) WHERE look_at_planner(true);
  CREATE STATISTICS looked_at_too ON id, (look_at_planner(true)) FROM users`;

// One that has columns to free and to bring back, and one that lacks all three.
describe.each(NEWEST ? (["a", "b"] as const) : (["b"] as const))("a rehearsal of sample %s", (sample) => {
  test("is a go, tells each gate as it is known, and leaves nothing behind", async () => {
    const told: Gate[] = [];
    const scratch = await scratchServer();
    const source = sqlSource({ sample, owned: true, after: NEVER_AS_SUPERUSER });
    const rehearsal = await rehearseHere(source, {
      scratch,
      configuration: PATIENT,
      onGate: (gate) => told.push(gate),
    });
    expect(redGates(rehearsal)).toEqual([]);
    expect(rehearsal).toMatchObject({
      ...{ decision: "go", table: "public.users", authgraftVersion: VERSION, source: source.description },
      serverVersion: expect.stringMatching(`^${serverMajor()}\\.`),
      ...{ planHash: expect.stringMatching(/^[0-9a-f]{64}$/), lockBudgetMilliseconds: 10_000 },
    });
    expect(rehearsal.gates.find(({ id }) => id === "down_restores")?.evidence).toMatchObject({
      noUser: null,
    });
    expect(rehearsal.gates.find(({ id }) => id === "old_queries")?.evidence).toMatchObject({ failed: 0 });
    expect(told).toEqual(rehearsal.gates);
    expect(told.map(({ id }) => id)).toEqual(IDS);
    expect(rehearsal.timeline?.spans.map(({ label }) => label)).toEqual(
      expect.arrayContaining(["up", "down", "open report"]),
    );
    expect(rehearsal.timeline?.latency.length).toBeGreaterThan(10);
    expect(scratch.made.length).toBeGreaterThan(3);
    expect(await scratch.standing()).toEqual([]);

    // What is rehearsed on a copy stands for the database itself, whoever owns it.
    const database = await createTestDatabase({ sample });
    await database.query(NEVER_AS_SUPERUSER);
    const report: unknown = JSON.parse(JSON.stringify(rehearsal));
    const applied = await up({
      ...{ databaseUrl: database.url, configuration: PATIENT },
      requireRehearsal: { rehearsal: report, maxAgeSeconds: 600 },
    });
    expect(applied.state).toBe("applied");
  });
});

const ambiguous = {
  sql: "SELECT email FROM users JOIN contacts ON contacts.user_id = users.id",
  origin: "queries.sql:1",
  calls: null,
};

testOnNewest("what fails is red and nothing else: the schema alone, and a query", async () => {
  const source = sqlSource({
    sample: "a",
    after: "CREATE TABLE contacts (user_id int REFERENCES users, email text)",
    onLoad: ({ part }) => {
      if (part === "schema") throw new MigrationError("dump_invalid", "The dump breaks off at byte 512.");
    },
  });
  const rehearsal = await rehearseHere(source, { queries: [ambiguous], configuration: PATIENT });
  expect(rehearsal.decision).toBe("no-go");
  expect(redGates(rehearsal)).toEqual([
    "up_on_fresh: The dump breaks off at byte 512.",
    expect.stringContaining(
      'old_queries: 5 queries tried: 3 as before; 1 failed after the change: queries.sql:1: column reference "email" is ambiguous',
    ),
  ]);
});

test("a source that cannot be loaded fails the first gate, in its words; the others are not reached", async () => {
  const scratch = await scratchServer();
  const source = sqlSource({
    onLoad: () => {
      throw new MigrationError("dump_invalid", "The dump breaks off at line 7.", { fix: "Make it again." });
    },
  });
  const rehearsal = await rehearseHere(source, { scratch });
  expect(rehearsal).toMatchObject({ decision: "no-go", planHash: null, load: null, timeline: null });
  const [restore, ...others] = rehearsal.gates;
  expect(restore?.detail).toBe("The dump breaks off at line 7. Make it again.");
  expect(rehearsal.gates.map(({ id }) => id)).toEqual(IDS);
  for (const { passed, detail } of others) {
    expect({ passed, detail }).toMatchObject({
      passed: false,
      detail: expect.stringMatching(/^not reached: .*restore/),
    });
  }
  expect(await scratch.standing()).toEqual([]);
});

test("a scratch server that does not answer fails the first gate", async () => {
  const scratch = { ...(await scratchServer()), url: "postgres://nobody@127.0.0.1:1/postgres" };
  const rehearsal = await rehearseHere(sqlSource({ sample: "a" }), { scratch });
  expect(rehearsal.gates[0]?.detail).toMatch(/^No PostgreSQL answers at nobody@127\.0\.0\.1:1/);
});

if (NEWEST)
  describe("an interruption", () => {
    const stopAfter = (id: GateId, controller: AbortController) => (gate: Gate) => {
      if (gate.id === id) setTimeout(() => controller.abort(), 300);
    };

    test.each(["restore", "up_on_copy", "old_queries"] as const)(
      "after the gate %s leaves no database",
      async (id) => {
        const controller = new AbortController();
        const scratch = await scratchServer();
        const options = { scratch, signal: controller.signal, onGate: stopAfter(id, controller) };
        await expect(rehearseHere(sqlSource({ sample: "a", users: 20 }), options)).rejects.toMatchObject({
          code: "interrupted",
        });
        expect(scratch.made).not.toEqual([]);
        expect(await scratch.standing()).toEqual([]);
      },
    );

    test("while the source is loaded leaves no database, even where the source does not hear of it", async () => {
      const controller = new AbortController();
      const scratch = await scratchServer();
      const source = sqlSource({ sample: "a", users: 20, onLoad: () => controller.abort() });
      const rehearsal = rehearseHere(source, { scratch, signal: controller.signal });
      await expect(rehearsal).rejects.toMatchObject({ code: "interrupted" });
      expect(await scratch.standing()).toEqual([]);
    });

    test("before the beginning makes none", async () => {
      const scratch = await scratchServer();
      const rehearsal = rehearseHere(sqlSource({ sample: "a" }), { scratch, signal: AbortSignal.abort() });
      await expect(rehearsal).rejects.toMatchObject({ code: "interrupted" });
      expect(scratch.made).toEqual([]);
    });
  });

testOnNewest(
  "an unusual table is rehearsed too: another schema, quoted names, no rows, a server role that is made and taken away",
  async () => {
    const serverRole = `rehearsal_server_${serverMajor()}`;
    const scratch = await scratchServer();
    const source = sqlSource({
      before: `CREATE SCHEMA "Shop"; CREATE DOMAIN "Shop"."Name" AS text CHECK (VALUE <> '');
      CREATE TABLE "Shop"."People" ("Id" uuid PRIMARY KEY, "Name" "Shop"."Name" NOT NULL UNIQUE, "Kind" char(1) NOT NULL)`,
    });
    const configuration = {
      ...PATIENT,
      ...{ table: '"Shop"."People"', serverRole, closeExposures: true },
      registration: "off" as const,
    };
    const rehearsal = await rehearseHere(source, { scratch, configuration });
    expect(redGates(rehearsal)).toEqual([]);
    expect(rehearsal.table).toBe('"Shop"."People"');
    const roles = await onServer(scratch.url, (client) =>
      client.query("SELECT FROM pg_roles WHERE rolname = $1", [serverRole]),
    );
    expect(roles.rowCount).toBe(0);
  },
);
