import fc from "fast-check";
import { expect, test } from "vitest";
import { nameWithSuffix, qualify } from "../../src/postgres/identifiers.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableNames,
} from "../support/generated-table.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { expectRoundTrip, observe } from "../support/round-trip.ts";

/** Whatever PostgreSQL takes between quotes: letters of every script, quotes, percent, dollar, backslash, spaces. */
const anyName = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom('"', "'", "%", "$", "$$", "\\", "$&", " ", ".", "(", ")", "::", "a", "É", "名"),
      minLength: 1,
      maxLength: 30,
    }),
    fc.constantFrom(
      "user",
      "select",
      "order",
      "table",
      "column",
      "constraint",
      "check",
      "null",
      "default",
      "authorization",
    ),
    fc.string({ unit: fc.constantFrom("long", "_", "ß", "🙂"), minLength: 60, maxLength: 63 }),
  )
  .map((name) => nameWithSuffix(name.replaceAll("\0", "").normalize(), ""))
  .filter((name) => name !== "" && !/^pg_/i.test(name));

const NAMES: readonly (keyof TableNames)[] = Object.keys(
  namesOf({ key: "integer", schema: "other", names: "plain", email: "none" }),
) as (keyof TableNames)[];

/** Columns that the generated table has besides. */
const TAKEN = ["folded", "score", "public", "information_schema", "sessions", "revoked_tokens"];

const anyNames = fc
  .uniqueArray(
    anyName.filter((name) => !TAKEN.includes(name.toLowerCase())),
    {
      minLength: NAMES.length,
      maxLength: NAMES.length,
      selector: (name) => name.toLowerCase().replaceAll("_", ""),
    },
  )
  .map(
    (names) => Object.fromEntries(NAMES.map((part, index) => [part, names[index]])) as unknown as TableNames,
  )
  .map((names) => ({ ...names, graft: withRoomForArchive(names.graft) }));

/** The configuration takes names of the graft's schema that leave room for the archive's. */
function withRoomForArchive(name: string): string {
  return nameWithSuffix(name, "_archive").slice(0, -"_archive".length);
}

test("any names that PostgreSQL takes, of the schemas, the table and every column", {
  timeout: 600_000,
}, async () => {
  const property = fc.asyncProperty(
    anyNames,
    fc.constantFrom("none" as const, "nullable" as const, "required" as const),
    async (names, email) => {
      const database = await createTestDatabase();
      try {
        const shape = { key: "integer", schema: "other", names: "quoted", email } as const;
        await createGeneratedTable(database, shape, names);
        const observer = await observe(database, qualify(names.schema, names.table), names.graft);
        await expectRoundTrip(database, configurationOf(names), observer);
      } finally {
        await database.drop();
      }
    },
  );
  await fc.assert(property, { numRuns: 4 });
  expect(NAMES.length).toBe(11);
});
