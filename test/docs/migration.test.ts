import { describe, expect, test } from "vitest";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import type { PlannedStep } from "../../src/migration/plan.ts";
import { inspect } from "../../src/migration/status.ts";
import type { LockMode, Section } from "../../src/migration/step.ts";
import { STEPS } from "../../src/migration/steps.ts";
import { OWNER } from "../support/owner.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { blocksOf, sectionOf, tableRows } from "./support/pages.ts";

const PAGE = "docs/migration.md";

const documented = tableRows(sectionOf(PAGE, "## The steps")).map(
  ([id = "", , up = "", down = "", when = ""]) => ({
    id: id.replaceAll("`", ""),
    up,
    down,
    when: when.replaceAll("`", ""),
  }),
);

const STRENGTH: readonly LockMode[] = [
  "NONE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE ROW EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

/** On the users table: a lock on a table of the graft's own is none on it. */
function strongest(sections: readonly Section[]): LockMode | undefined {
  const onUsers = sections.filter(({ ownTable }) => ownTable === undefined);
  return STRENGTH.findLast((mode) => mode === "NONE" || onUsers.some(({ lock }) => lock === mode));
}

/** The steps for a sample on which each has something to do, also those that the configuration asks for. */
async function planFor(sample: SampleName): Promise<readonly PlannedStep[]> {
  const database = await createTestDatabase({ sample });
  const reader = await database.createRole("reader");
  await database.query(`GRANT SELECT ON users TO "${reader.name}"`);
  if (sample === "b") await database.query("ALTER TABLE users DROP CONSTRAINT users_email_key");
  const configuration = { emailUniqueConstraint: true, closeExposures: true, serverRole: OWNER.name };
  return (await inspect({ databaseUrl: database.url, configuration })).plan.steps;
}

describe("docs/migration.md", () => {
  test("has the steps in their order", () => {
    expect(documented.map(({ id }) => id)).toEqual(STEPS.map(({ id }) => id));
  });

  test.for(["a", "b"] as const)(
    "says which lock each step takes, up and down, on sample %s",
    async (sample) => {
      const steps = await planFor(sample);
      const locks = steps.map(({ id, up, down }) => ({ id, up: strongest(up), down: strongest(down) }));
      // What is granted already, or taken back only once it was done, has nothing to run on this plan.
      expect(locks).toEqual(
        documented.map(({ id, up, down }, index) => ({
          id,
          up: locks[index]?.up === undefined ? undefined : up,
          down: locks[index]?.down === undefined ? undefined : down,
        })),
      );
      expect(locks.filter(({ up }) => up === undefined)).toEqual([]);
    },
  );

  test("says what has to be configured for a step", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const { plan } = await inspect({ databaseUrl: database.url });
    const always = documented.filter(({ when }) => when === "always").map(({ id }) => id);
    expect(plan.steps.map(({ id }) => id)).toEqual(always);
  });

  test("shows the statements that touch the table as they are run", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const { plan } = await inspect({ databaseUrl: database.url });
    const shown = blocksOf(PAGE).filter(({ words }) => words.some((word) => word.startsWith("step=")));
    expect(shown.length).toBe(2);
    for (const { words, text } of shown) {
      const step = plan.steps.find(({ id }) => words.includes(`step=${id}`));
      const statements = step?.up.flatMap((section) =>
        section.statements.map((statement) => `${statement};\n`),
      );
      expect(statements).toContain(text);
    }
  });
});
