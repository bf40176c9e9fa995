import { expect, test } from "vitest";
import { createTestDatabase } from "../../support/postgres.ts";
import { readFinerPoints } from "./copy-finer-points.ts";
import { copyOf, markAsMadeUp, rowsOf, schemaOf } from "./copy-fixture.ts";
import { createKitchenSink } from "./copy-kitchen-sink.ts";

test("an object of every kind, every row, owners, grants and comments: the copy has them all", async () => {
  const database = await createTestDatabase();
  const { owner, reader } = await createKitchenSink(database);
  await markAsMadeUp(owner.name, reader.name);
  const { copy, report } = await copyOf(database, { table: "shop.users", as: database.superuserUrl });
  expect(report.leftOut.filter(({ kind }) => kind !== "role" && kind !== "owner")).toEqual([]);
  expect(await schemaOf(copy)).toEqual(await schemaOf(database));
  expect(await readFinerPoints(copy)).toEqual(await readFinerPoints(database));
  expect(await rowsOf(copy)).toEqual(await rowsOf(database));
});
