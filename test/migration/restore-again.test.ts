import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { addSignInData } from "../support/sign-in-data.ts";

test("a restore that was killed right after its last change finds nothing to do when it is run again", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const options = { databaseUrl: database.url };
  await expect(up({ ...options, restore: true })).rejects.toMatchObject({ code: "refused" });
  await addSignInData(database, "a");
  await down({ ...options, archive: true });
  expect((await up({ ...options, restore: true })).restored).toMatchObject({ complete: true });

  const again = await up({ ...options, restore: true });
  expect(again).toMatchObject({ state: "applied", steps: [], restored: { users: 0, complete: true } });
  expect((await verify(options)).ok).toBe(true);

  await down({ ...options, discardData: true });
  await up(options);
  await expect(up({ ...options, restore: true })).rejects.toMatchObject({ code: "refused" });
});
