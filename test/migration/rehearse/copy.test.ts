import { expect, test } from "vitest";
import { qualify } from "../../../src/postgres/identifiers.ts";
import { createGeneratedTable, namesOf, type TableShape } from "../../support/generated-table.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { copyOf, rowsOf, schemaOf } from "./copy-fixture.ts";

test.each(["a", "b"] as const)(
  "sample %s: the copy has the same schema and the same rows",
  async (sample) => {
    const database = await createTestDatabase({ sample });
    const { copy, report } = await copyOf(database);
    expect(report.leftOut).toEqual([]);
    expect(await schemaOf(copy)).toEqual(await schemaOf(database));
    expect(await rowsOf(copy)).toEqual(await rowsOf(database));
  },
);

const SHAPES: readonly TableShape[] = [
  { key: "bigint", schema: "public", names: "plain", email: "required" },
  { key: "smallint", schema: "other", names: "quoted", email: "nullable" },
  { key: "uuid", schema: "other", names: "plain", email: "none" },
  { key: "varchar(26)", schema: "public", names: "quoted", email: "required" },
];

test.each(SHAPES)(
  "$key key, schema $schema, $names names, $email email: the copy is the same",
  async (shape) => {
    const database = await createTestDatabase();
    const names = namesOf(shape);
    await createGeneratedTable(database, shape, names);
    const table = qualify(names.schema, names.table);
    const { copy, report } = await copyOf(database, { table, schema: names.graft });
    expect(report.leftOut).toEqual([]);
    expect(await schemaOf(copy)).toEqual(await schemaOf(database));
    expect(await rowsOf(copy)).toEqual(await rowsOf(database));
  },
);
