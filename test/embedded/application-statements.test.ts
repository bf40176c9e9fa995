import { describe, expect, test } from "vitest";
import {
  type ApplicationStatement,
  applicationQuery,
  applicationStatements,
} from "../../src/embedded/application-statements.ts";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const SAMPLES: readonly SampleName[] = ["a", "b"];

const CHANGE =
  "ALTER TABLE users ADD COLUMN password_hash varchar(255), ADD COLUMN is_admin boolean DEFAULT false";

async function digest(database: TestDatabase): Promise<unknown> {
  const { rows } = await database.query(
    "SELECT md5(string_agg(users::text, '' ORDER BY users::text)) FROM users",
  );
  return rows;
}

describe.each(SAMPLES)("the old application's statements on %s", (sample) => {
  test("each affects or returns exactly one row, and a whole run leaves the users as they were", async () => {
    const database = await createTestDatabase({ sample });
    const client = await database.client();
    const before = await digest(database);
    for (const run of [0, 1]) {
      for (const statement of applicationStatements(sample)) {
        const { rowCount } = await client.query(applicationQuery(statement, run));
        expect(rowCount, statement.id).toBe(1);
      }
    }
    expect(await digest(database)).toEqual(before);
  });

  test("are of every kind, in the simple protocol and prepared", () => {
    const kinds = applicationStatements(sample).map(({ kind, prepared }) => `${kind} ${prepared}`);
    for (const kind of ["insert", "update", "delete", "upsert", "select"]) {
      expect(kinds).toEqual(expect.arrayContaining([`${kind} true`, `${kind} false`]));
    }
    const ids = applicationStatements(sample).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("held across a change of the table, those fail that say so, with PostgreSQL's own error", async () => {
    const database = await createTestDatabase({ sample });
    const client = await database.client();
    const statements = applicationStatements(sample);
    for (const statement of statements) await client.query(applicationQuery(statement, 0));
    await database.query(CHANGE);
    for (const statement of statements) {
      const outcome = await client.query(applicationQuery(statement, 1)).then(
        () => "works",
        (error: { code?: string }) => error.code,
      );
      expect(outcome, statement.id).toBe(expectedOutcome(statement));
    }
  });

  test("prepared after the change all work", async () => {
    const database = await createTestDatabase({ sample });
    await database.query(CHANGE);
    const client = await database.client();
    for (const statement of applicationStatements(sample)) {
      const { rowCount } = await client.query(applicationQuery(statement, 0));
      expect(rowCount, statement.id).toBe(1);
    }
  });
});

function expectedOutcome(statement: ApplicationStatement): string {
  return statement.heldAcrossChange === "fails" ? "0A000" : "works";
}
