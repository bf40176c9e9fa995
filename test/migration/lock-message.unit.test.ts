import { expect, test } from "vitest";
import { plainMessage, strongLockMessage } from "../../src/migration/run/lock-message.ts";

const TIMING = { weak: 5_000, asking: 1_000, queueing: 25, holding: 1_000, budget: 50 };

test("a strong lock is asked for in three stages, in one message with what it is for", () => {
  const message = strongLockMessage(
    ['"public"."users"', '"authgraft"."it\'s"'],
    "ACCESS EXCLUSIVE",
    ["ALTER TABLE one", "ALTER TABLE two"],
    TIMING,
    "later",
  );
  expect(message).toBe(`BEGIN;
SET LOCAL synchronous_commit = 'off';
SET LOCAL lock_timeout = '5000ms';
LOCK TABLE "public"."users", "authgraft"."it's" IN SHARE UPDATE EXCLUSIVE MODE;
DO '
DECLARE
  asking_until timestamptz := clock_timestamp() + interval ''1000 milliseconds'';
  queued_at timestamptz;
  waited float8;
BEGIN
  PERFORM set_config(''authgraft.waited'', ''0'', false);
  PERFORM set_config(''statement_timeout'', ''1000ms'', true);
  LOOP
    BEGIN
      LOCK TABLE "public"."users", "authgraft"."it''s" IN ACCESS EXCLUSIVE MODE NOWAIT;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
    EXIT WHEN clock_timestamp() >= asking_until;
    PERFORM pg_sleep(0.003 + random() * 0.007);
  END LOOP;
  PERFORM set_config(''lock_timeout'', ''25ms'', true);
  queued_at := clock_timestamp();
  LOCK TABLE "public"."users", "authgraft"."it''s" IN ACCESS EXCLUSIVE MODE;
  waited := extract(epoch FROM clock_timestamp() - queued_at) * 1000;
  PERFORM set_config(''authgraft.waited'', waited::text, false);
  PERFORM set_config(''statement_timeout'', ceil(greatest(5, 50 - waited))::text || ''ms'', true);
END';
SET LOCAL lock_timeout = '25ms';
ALTER TABLE one;
ALTER TABLE two;
COMMIT`);
});

test("an attempt that is not to queue ends with one more NOWAIT, whose error it is", () => {
  const message = strongLockMessage(
    ['"public"."users"'],
    "SHARE ROW EXCLUSIVE",
    ["ALTER TABLE one"],
    {
      ...TIMING,
      queueing: 0,
    },
    "now",
  );
  expect(message).toContain("synchronous_commit = 'local'");
  expect(message).toMatch(
    /END LOOP;\s+LOCK TABLE "public"."users" IN SHARE ROW EXCLUSIVE MODE NOWAIT;\s+END/,
  );
  expect(message).not.toContain("set_config(''lock_timeout''");
});

test("what takes no strong lock is one message too", () => {
  expect(plainMessage(["CREATE TABLE one ()"], 5_000)).toBe(
    "BEGIN;\nSET LOCAL lock_timeout = '5000ms';\nCREATE TABLE one ();\nCOMMIT",
  );
});
