import type pg from "pg";
import { describe, expect, test } from "vitest";
import {
  type ApplicationStatement,
  applicationQuery,
  applicationStatements,
} from "../../src/embedded/application-statements.ts";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { STEPS } from "../../src/migration/steps.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

/** PostgreSQL's "cached plan must not change result type". */
const CACHED_PLAN = "0A000";

/** Runs every statement and returns those that fail, each with its SQLSTATE; the others must affect one row. */
async function failures(client: pg.Client, sample: SampleName, run: number): Promise<string[]> {
  const failed: string[] = [];
  for (const statement of applicationStatements(sample)) {
    try {
      const { rowCount } = await client.query(applicationQuery(statement, run));
      expect(rowCount, statement.id).toBe(1);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      failed.push(`${statement.id} ${String(error.code)}`);
    }
  }
  return failed;
}

/** What PostgreSQL itself makes fail on a connection that prepared it before columns came or went. */
function foretold(sample: SampleName): string[] {
  return applicationStatements(sample)
    .filter(({ heldAcrossChange }) => heldAcrossChange === "fails")
    .map(({ id }) => `${id} ${CACHED_PLAN}`);
}

/** Rows that the old application inserts along the way, and what it reads back of them at the end. */
class InsertedRows {
  readonly #database: TestDatabase;
  readonly #sample: SampleName;
  readonly #seen = new Map<number, unknown>();

  constructor(database: TestDatabase, sample: SampleName) {
    this.#database = database;
    this.#sample = sample;
  }

  async add(run: number): Promise<void> {
    await this.#run("insert", run);
    this.#seen.set(run, await this.#read(run));
  }

  async expectUntouched(): Promise<void> {
    for (const [run, row] of this.#seen) expect(await this.#read(run), `row ${run}`).toEqual(row);
  }

  async #read(run: number): Promise<unknown> {
    return (await this.#run(this.#sample === "a" ? "select" : "select-by-provider", run)).rows;
  }

  #run(name: string, run: number): Promise<pg.QueryResult> {
    const id = `${this.#sample}.${name}.simple`;
    const statement = applicationStatements(this.#sample).find((candidate) => candidate.id === id);
    return this.#database.query(applicationQuery(statement as ApplicationStatement, run).text);
  }
}

describe.each(["a", "b"] as const)("the old application of sample %s", (sample) => {
  test("runs before, between every two steps up and down, and after", { timeout: 120_000 }, async () => {
    const database = await createTestDatabase({ sample });
    const options = { databaseUrl: database.url };
    const rows = new InsertedRows(database, sample);
    let run = 0;
    const expectAllToRun = async (held: pg.Client, expected: readonly string[], when: string) => {
      expect(await failures(await database.client(), sample, ++run), `anew, ${when}`).toEqual([]);
      expect(await failures(held, sample, ++run), `held, ${when}`).toEqual(expected);
      await rows.add(++run);
    };

    const { warnings } = (await inspect(options)).plan;
    expect(warnings.map(({ code }) => code)).toContain("prepared_select_star");
    const before = await database.client();
    await expectAllToRun(before, [], "before");
    let changed = false;
    for (const { id } of STEPS) {
      expect((await up({ ...options, to: id })).state, id).not.toBe("refused");
      changed ||= id === "users-columns";
      await expectAllToRun(before, changed ? foretold(sample) : [], `after ${id}`);
    }
    expect(await up(options)).toMatchObject({ state: "applied", steps: [] });

    const grafted = await database.client();
    await expectAllToRun(grafted, [], "grafted");
    for (let steps = STEPS.length, undone = false; ; steps--) {
      const [step] = (await down({ ...options, step: true })).steps;
      if (step === undefined) break;
      expect(steps, "down --step comes to an end").toBeGreaterThan(0);
      undone ||= step.id === "users-columns";
      await expectAllToRun(grafted, undone ? foretold(sample) : [], `without ${step.id}`);
    }
    await rows.expectUntouched();
    expect((await up(options)).state).toBe("applied");
    await rows.expectUntouched();
  });
});
