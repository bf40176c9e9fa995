import { describe, expect, test } from "vitest";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, importText } from "./support.ts";

async function nextId(database: TestDatabase): Promise<number> {
  const { rows } = await database.query("SELECT nextval('users_id_seq')::int AS id");
  return rows[0]?.id;
}

const fileWith = (id: number) => `id,email\n${id},ada@example.com\n`;

describe("the sequence of the ids after users with ids of their own", () => {
  test.for([
    [1, 2],
    [2, 3],
    [40, 41],
    [1_000_000, 1_000_001],
  ] as const)("a fresh one, and %i as the highest: the next id is %i", async ([highest, next]) => {
    const database = await graftedTable();
    const report = await importText(database, fileWith(highest));
    expect(report.notes).toEqual([`New ids go on behind ${highest}, the highest in the file.`]);
    expect(await nextId(database)).toBe(next);
  });

  test("one that is further on stays where it is", async () => {
    const database = await graftedTable();
    await database.query("SELECT setval('users_id_seq', 500)");
    expect((await importText(database, fileWith(7))).notes).toEqual([]);
    expect(await nextId(database)).toBe(501);
  });

  test("one whose steps are larger goes past it by its own steps", async () => {
    const database = await graftedTable();
    await database.query("ALTER SEQUENCE users_id_seq INCREMENT BY 10");
    await importText(database, fileWith(42));
    expect(await nextId(database)).toBe(61);
  });

  test("others who draw ids meanwhile never get one twice", async () => {
    const database = await graftedTable();
    const pool = database.pool({ max: 2 });
    const drawn: number[] = [];
    let running = true;
    const draw = async () => {
      while (running) {
        const { rows } = await pool.query("SELECT nextval('users_id_seq')::int AS id");
        drawn.push(rows[0]?.id);
      }
    };
    const drawing = [draw(), draw()];
    for (const [index, id] of [3_000, 9_000, 30_000].entries()) {
      await importText(database, `id,email\n${id},user${index}@example.com\n`);
    }
    running = false;
    await Promise.all(drawing);
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});
