import { expect, test } from "vitest";
import { describeHolders } from "../../src/migration/run/describe-holders.ts";
import type { Holder } from "../../src/migration/run/holders.ts";
import { HolderMemory, standsInTheWay } from "../../src/migration/run/in-the-way.ts";
import { Patience } from "../../src/migration/run/patience.ts";

const REPORT: Holder = {
  pid: 4711,
  transaction: "5/12",
  user: "report",
  application: "psql",
  state: "idle in transaction",
  age: 12.3,
  query: "SELECT count(*) FROM users",
  prepared: null,
  autovacuum: false,
};
const VACUUM: Holder = {
  ...REPORT,
  user: null,
  application: null,
  state: "active",
  age: 200,
  query: "autovacuum: VACUUM ANALYZE public.users",
  autovacuum: true,
};

test("a transaction stands in the way once it has lasted a second, an autovacuum that yields never does", () => {
  const stands = (holder: Holder) => standsInTheWay(holder, 0);
  expect(stands({ ...REPORT, age: 1 })).toBe(true);
  expect(stands({ ...REPORT, age: 0.9 })).toBe(false);
  expect(stands({ ...REPORT, age: null })).toBe(false);
  expect(stands({ ...REPORT, age: 0, pid: null, prepared: "billing 1" })).toBe(true);
  expect(stands(VACUUM)).toBe(false);
  expect(stands({ ...VACUUM, query: "autovacuum: VACUUM public.users (to prevent wraparound)" })).toBe(true);
});

test("who was there from the beginning stays in the way; others of two seconds do not, once eight were waited", () => {
  for (const waited of [0, 2, 8, 60, 600])
    expect(standsInTheWay({ ...REPORT, age: 1 + waited }, waited)).toBe(true);
  expect(standsInTheWay({ ...REPORT, age: 2 }, 7)).toBe(true);
  expect(standsInTheWay({ ...REPORT, age: 2 }, 9)).toBe(false);
  // A dump that began a minute ago is hopeless, for however long the run has waited before.
  expect(standsInTheWay({ ...REPORT, age: 60 }, 500)).toBe(true);
});

test("a holder whose beginning is hidden is as old as the time since it was first seen in this transaction", () => {
  const memory = new HolderMemory();
  const hidden = { ...REPORT, age: null, state: null, query: "<insufficient privilege>" };
  const ageAt = (now: number, holder: Holder = hidden) => memory.age([holder], now)[0]?.age;
  expect(ageAt(5_000)).toBe(0);
  expect(ageAt(6_500)).toBe(1.5);
  expect(ageAt(7_000, { ...hidden, transaction: "5/13" })).toBe(0);
  expect(ageAt(8_000)).toBe(0);
});

test("who is waited for is told by process, user, application, state, age and statement", () => {
  expect(describeHolders([REPORT])).toBe(
    "pid 4711 (report, psql, idle in transaction for 12 s): SELECT count(*) FROM users",
  );
  expect(describeHolders([{ ...REPORT, application: "pg_dump", state: "active", query: null }])).toBe(
    "a dump, pid 4711 (report, pg_dump, active for 12 s)",
  );
  expect(describeHolders([VACUUM])).toBe("an autovacuum (pid 4711 for 200 s), which is made to give way");
  expect(
    describeHolders([{ ...VACUUM, query: "autovacuum: VACUUM public.users (to prevent wraparound)" }]),
  ).toBe("an autovacuum to prevent wraparound (pid 4711 for 200 s), which gives way to nobody");
  expect(describeHolders([{ ...REPORT, pid: null, prepared: "billing 1", user: "app" }])).toBe(
    "the prepared transaction 'billing 1' of app for 12 s; COMMIT or ROLLBACK PREPARED ends it",
  );
  expect(describeHolders([{ ...VACUUM, query: "<insufficient privilege>" }])).toMatch(
    /which is made to give way unless it prevents wraparound$/,
  );
  expect(describeHolders([])).toBe("many short transactions");
  expect(describeHolders(Array(5).fill({ ...REPORT, query: null }))).toMatch(/; and 2 more$/);
});

test.each([
  ["UPDATE users SET email = 'ada@example.com' WHERE id = 1", "UPDATE users SET email = '…' WHERE id = …"],
  ["SELECT 'it''s', e.x, 3", "SELECT '…', e.x, …"],
  ["SELECT $secret$ada$secret$, $1", "SELECT '…', $1"],
  ["SELECT 'cut off by the ser", "SELECT '…'"],
  ["SELECT $$cut off by the ser", "SELECT '…'"],
  ["SELECT\n   a", "SELECT a"],
  ["SELECT E'a\\'b', 'ada@example.com'", "SELECT"],
  ["SELECT a LIKE '%a%' ESCAPE '\\' AND email = 'ada@example.com'", "SELECT"],
  ["/* don't */ SELECT 'ada@example.com'", "SELECT '…'"],
  ["SELECT -- don't\n'ada@example.com'", "SELECT '…'"],
  [
    "SELECT \"o'x\" FROM users WHERE email = 'ada@example.com'",
    "SELECT \"o'x\" FROM users WHERE email = '…'",
  ],
  ["SELECT 4111111111111111, users_2.a2", "SELECT …, users_2.a2"],
  ["SELECT '\u001b[31m', \u001b[31m red", "SELECT '…', […m red"],
])("no text, number or comment is shown of a statement: %j", (query, shown) => {
  expect(describeHolders([{ ...REPORT, query }])).toBe(
    `pid 4711 (report, psql, idle in transaction for 12 s): ${shown}`,
  );
});

test("of a long statement only the beginning is shown", () => {
  const words = describeHolders([{ ...REPORT, query: `SELECT ${"a, ".repeat(100)}b` }]);
  expect(words.length).toBeLessThan(130);
  expect(words).toMatch(/…$/);
});

test("patience is used up by waiting alone", async () => {
  const patience = new Patience(100);
  patience.spend(40);
  expect([patience.left, patience.isOver]).toEqual([60, false]);
  expect(await patience.during(async () => "done")).toBe("done");
  patience.spend(100);
  expect([patience.left, patience.isOver]).toEqual([0, true]);
});
