import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { readLogicalSchema } from "../support/catalog.ts";
import { createTestDatabase } from "../support/postgres.ts";

const OUTSIDE = { schemas: ["authgraft"], relations: ["revoked_tokens"] };

test("rights on the whole table are closed on the hash and on is_admin, and given back by down", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const reporter = await database.createRole("reporter");
  const writer = await database.createRole("writer");
  await database.query(`
    GRANT SELECT ON public.users TO PUBLIC;
    GRANT SELECT ON public.users TO ${reporter.name} WITH GRANT OPTION;
    GRANT SELECT (bio), UPDATE (bio) ON public.users TO ${writer.name};
    GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO ${writer.name}`);
  const client = await database.client(database.superuserUrl);
  const before = await readLogicalSchema(client, OUTSIDE);
  const options = { databaseUrl: database.url, configuration: { closeExposures: true } };

  const { plan } = await inspect(options);
  expect(plan.steps.map((step) => step.id)).toContain("close-exposures");
  expect((await up(options)).state).toBe("applied");
  expect((await up(options)).steps).toEqual([]);
  const asReporter = await database.client(database.urlFor(reporter));
  const asWriter = await database.client(database.urlFor(writer));
  for (const one of [asReporter, asWriter]) {
    await expect(one.query("SELECT password_hash FROM public.users")).rejects.toMatchObject({
      code: "42501",
    });
    await one.query("SELECT id, username, email, bio FROM public.users LIMIT 1");
  }
  await expect(asWriter.query("UPDATE public.users SET is_admin = true")).rejects.toMatchObject({
    code: "42501",
  });
  await asWriter.query("UPDATE public.users SET bio = bio");
  expect((await inspect(options)).plan.warnings.map(({ code }) => code)).not.toContain("hash_readable");

  expect((await down(options)).refusals).toEqual([]);
  expect(await readLogicalSchema(client, OUTSIDE)).toEqual(before);
});

test("a table that nobody else may read has nothing to close", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const options = { databaseUrl: database.url, configuration: { closeExposures: true } };
  const result = await up(options);
  expect(result.state).toBe("applied");
  expect(result.steps.map((step) => step.id)).not.toContain("close-exposures");
});
