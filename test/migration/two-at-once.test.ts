import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { status } from "../../src/migration/status.ts";
import { STEPS } from "../../src/migration/steps.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";

describe("several runs at once", () => {
  test("eight up: one applies, the others wait and find nothing to do, none fails", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    const listeners = Array.from({ length: 8 }, () => new ProgressListener());
    const results = await Promise.all(listeners.map(({ onProgress }) => up({ ...options, onProgress })));
    expect(results.map(({ state }) => state)).toEqual(Array(8).fill("applied"));
    const working = results.filter(({ steps }) => steps.length > 0);
    expect(working).toHaveLength(1);
    const waited = listeners.filter(({ lines }) =>
      lines.some((line) => line.includes("another run of authgraft")),
    );
    expect(waited.length).toBeGreaterThan(0);
    const { history } = await status(options);
    expect(history.map(({ direction, state, steps }) => [direction, state, steps.length])).toEqual([
      ["up", "done", working[0]?.steps.length],
    ]);
    expect((await verify(options)).ok).toBe(true);
  });

  test("up and down: one after the other, whichever comes first, and what stands in the end is whole", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    const results = await Promise.all([down(options), up(options), down(options), up(options)]);
    expect(results.map(({ state }) => state)).not.toContain("refused");
    expect(["pending", "applied"]).toContain((await status(options)).state);
    expect((await up(options)).state).toBe("applied");
    expect((await verify(options)).ok).toBe(true);
  });

  test("a run that goes on past the deadline of the next: lock_timeout, nothing done, and later it goes on", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*) FROM users");
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const first = up({ ...options, onProgress: progress.onProgress });
    await stuck;
    const hasty = { ...options, configuration: { lock: { deadlineSeconds: 0.3 } } };
    await expect(up(hasty)).rejects.toMatchObject({ code: "lock_timeout" });
    await report.query("COMMIT");
    expect((await first).steps.length).toBe(STEPS.filter(({ id }) => ID_OF_PLAIN_GRAFT.has(id)).length);
  });
});

/** The steps that a graft of sample A takes without further configuration. */
const ID_OF_PLAIN_GRAFT: ReadonlySet<string> = new Set([
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
]);
