import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { inspect, status } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { digestRows, readLogicalSchema } from "../support/catalog.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const OUTSIDE = { schemas: ["authgraft"], relations: ["revoked_tokens"] };

async function snapshot(database: TestDatabase) {
  const client = await database.client(database.superuserUrl);
  const columns = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
  );
  return {
    schema: await readLogicalSchema(client, OUTSIDE),
    columns: columns.rows.map((row) => row.name),
    client,
  };
}

describe.each(["a", "b"] as const)("the graft on sample %s", (sample) => {
  test("goes up, down and up again, and leaves everything else as it was", async () => {
    const database = await createTestDatabase({ sample });
    const options = { databaseUrl: database.url };
    const before = await snapshot(database);
    const rows = await digestRows(before.client, "public.users", before.columns, "id");

    const planned = await inspect(options);
    expect(planned.plan.refusals).toEqual([]);
    expect(planned.plan.state).toBe("pending");

    const first = await up(options);
    expect(first.refusals).toEqual([]);
    expect(first.state).toBe("applied");
    expect((await verify(options)).findings.filter((finding) => finding.severity === "refusal")).toEqual([]);
    expect(await digestRows(before.client, "public.users", before.columns, "id")).toBe(rows);
    const grafted = await readLogicalSchema(before.client, { schemas: [], relations: [] });

    const again = await up(options);
    expect(again).toMatchObject({ state: "applied", steps: [] });

    const out = await down(options);
    expect(out.refusals).toEqual([]);
    expect(out.state).toBe("pending");
    const after = await readLogicalSchema(before.client, { schemas: [], relations: [] });
    expect(after).toEqual(before.schema);
    expect(await digestRows(before.client, "public.users", before.columns, "id")).toBe(rows);

    expect((await up(options)).state).toBe("applied");
    expect(await readLogicalSchema(before.client, { schemas: [], relations: [] })).toEqual(grafted);
    expect((await status(options)).state).toBe("applied");
  });
});
