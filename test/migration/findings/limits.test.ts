import { describe, expect, test } from "vitest";
import { up } from "../../../src/migration/up.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { findingsWith } from "./support.ts";

describe("emails longer than an entry of an index", () => {
  test("are refused with their count, and gone when they are put right", async () => {
    const database = await createTestDatabase({ sample: "a", users: 5 });
    await database.query("ALTER TABLE users ADD COLUMN email text");
    const write = (bytes: number) =>
      database.query(`UPDATE users SET email = (SELECT string_agg(md5(n::text || users.id), '') FROM generate_series(1, 100) n);
        UPDATE users SET email = left(email, ${bytes}) || id`);
    await write(2_800);
    const [finding, ...more] = await findingsWith("email_too_long", database);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: "refusal", message: expect.stringContaining("5 users") });
    expect(await up({ databaseUrl: database.url })).toMatchObject({ state: "refused", steps: [] });

    // Just short enough: the index takes it.
    await write(2_687);
    expect(await findingsWith("email_too_long", database)).toEqual([]);
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
    expect(await findingsWith("email_too_long", database)).toEqual([]);
  });

  test("are not looked for where the column is too short for them", async () => {
    const database = await createTestDatabase({ sample: "b", users: 5 });
    expect(await findingsWith("email_too_long", database)).toEqual([]);
  });
});

describe("the 1,600 columns that a table may ever have", () => {
  test("nearly used up, dropped ones included, are told; with no place for the graft's it is refused", async () => {
    const database = await createTestDatabase({ sample: "a", users: 1 });
    const add = (from: number, to: number) => {
      const columns = Array.from({ length: to - from }, (_, index) => `ADD COLUMN c${from + index} int`);
      return database.query(`ALTER TABLE users ${columns.join(", ")}`);
    };
    await add(3, 1_500);
    expect(await findingsWith("column_limit", database)).toEqual([]);
    await add(1_500, 1_580);
    expect(await findingsWith("column_limit", database)).toMatchObject([{ severity: "warning" }]);
    await add(1_580, 1_598);
    await database.query("ALTER TABLE users DROP COLUMN c3, DROP COLUMN c4");
    expect(await findingsWith("column_limit", database)).toMatchObject([
      { severity: "refusal", message: expect.stringContaining("used 1598 of the 1600 columns") },
    ]);
    expect(await up({ databaseUrl: database.url })).toMatchObject({ state: "refused", steps: [] });
  });
});
