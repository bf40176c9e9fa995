import { expect, test } from "vitest";
import { chaos } from "../../scripts/chaos/chaos.ts";
import { inProcess } from "../../scripts/chaos/command-line.ts";
import { SUBJECTS } from "../../scripts/chaos/scenario.ts";
import { line } from "../../scripts/chaos/table.ts";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { serverMajor } from "../support/postgres.ts";

const major = serverMajor() as PostgresMajor;

/** Twenty on the newest, fewer on the others: `npm run chaos -- --major 14` kills as often as one likes. */
const KILLS = major === 18 ? 20 : 6;

/** Elsewhere two-at-once.test.ts has them, in one process. */
const EIGHTS = major === 18 ? 1 : 0;

/** One that has columns to free and to bring back, and one that lacks all three. */
const SUBJECT = major === 18 ? "b" : "a";

// To repeat one kill, the twelfth for example: npm run chaos -- --seed 2026 --major 18 --subjects b --only 12
test("killed at any boundary, by client, backend or server, up and down converge; so do eight up at once", {
  timeout: 600_000,
}, async () => {
  const { outcomes, eights } = await chaos({
    seed: 2026,
    major,
    subjects: SUBJECTS.filter(({ name }) => name === SUBJECT),
    kills: Array.from({ length: KILLS }, (_, index) => index + 1),
    lanes: 1,
    eights: EIGHTS,
    runner: inProcess,
  });
  const failed = outcomes.filter(({ problems }) => problems.length > 0);
  expect(failed.map((outcome) => [line(outcome), ...outcome.problems])).toEqual([]);
  expect(outcomes).toHaveLength(KILLS);
  for (const means of ["client", "backend", "server"]) {
    expect(
      outcomes.filter(({ kill }) => kill.means === means),
      means,
    ).not.toEqual([]);
  }
  expect(eights).toEqual(Array(EIGHTS).fill([]));
});
