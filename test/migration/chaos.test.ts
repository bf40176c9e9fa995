import { expect, test } from "vitest";
import { chaos } from "../../scripts/chaos/chaos.ts";
import { SUBJECTS } from "../../scripts/chaos/scenario.ts";
import { line } from "../../scripts/chaos/table.ts";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { serverMajor } from "../support/postgres.ts";

const major = serverMajor() as PostgresMajor;

/** Thirty on the newest, fewer on the others: `npm run chaos -- --major 14` kills as often as one likes. */
const KILLS = major === 18 ? 30 : 9;

// What it does and how to repeat one kill: npm run chaos -- --seed 2026 --major 18 --subjects a,b --only 12
test("killed at any boundary, by client, backend or server, up and down converge; so do eight up at once", {
  timeout: 300_000,
}, async () => {
  const { outcomes, eights } = await chaos({
    seed: 2026,
    major,
    subjects: SUBJECTS.filter(({ name }) => name !== "large"),
    kills: Array.from({ length: KILLS }, (_, index) => index + 1),
    lanes: 1,
    eights: 1,
  });
  const failed = outcomes.filter(({ problems }) => problems.length > 0);
  expect(failed.map((outcome) => [line(outcome), ...outcome.problems])).toEqual([]);
  expect(outcomes).toHaveLength(KILLS);
  for (const means of ["client", "backend", "server"]) {
    expect(outcomes.filter(({ kill }) => kill.means === means)).toHaveLength(KILLS / 3);
  }
  expect(eights).toEqual([[]]);
});
