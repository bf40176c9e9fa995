/** Kills migrations again and again, and sees each converge: `npm run chaos -- --seed 7 --kills 300 --major 18`. */
import { parseArgs } from "node:util";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { chaos } from "./chaos.ts";
import { byCommandLine } from "./command-line.ts";
import type { Outcome } from "./kill.ts";
import { SUBJECTS } from "./scenario.ts";
import { line, table } from "./table.ts";

const MAJORS: readonly PostgresMajor[] = [14, 15, 16, 17, 18];

/** How often eight `up` are run at once. */
const EIGHTS = 10;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    kills: { type: "string", default: "300" },
    major: { type: "string", default: "18" },
    lanes: { type: "string", default: "2" },
    subjects: { type: "string", default: SUBJECTS.map(({ name }) => name).join(",") },
    only: { type: "string" },
  },
});

const seed = Number(values.seed);
const major = MAJORS.find((one) => String(one) === values.major) ?? 18;
const numbers =
  values.only === undefined
    ? Array.from({ length: Number(values.kills) }, (_, index) => index + 1)
    : [Number(values.only)];

function say(outcome: Outcome): void {
  console.log(line(outcome));
  if (outcome.problems.length === 0) return;
  for (const problem of outcome.problems.slice(0, 20)) console.log(`    ${problem}`);
  console.log(
    `    again: npm run chaos -- --seed ${seed} --major ${major} --subjects ${values.subjects} --only ${outcome.kill.number}`,
  );
}

console.log(`Seed ${seed}, PostgreSQL ${major}, ${numbers.length} kills.`);
const begun = performance.now();
const { outcomes, eights } = await chaos({
  seed,
  major,
  subjects: SUBJECTS.filter(({ name }) => values.subjects.split(",").includes(name)),
  kills: numbers,
  lanes: Math.min(Number(values.lanes), numbers.length),
  eights: values.only === undefined ? EIGHTS : 0,
  runner: byCommandLine,
  onOutcome: say,
});
console.log(`\n${table(outcomes)}\n`);
const failed = outcomes.filter(({ problems }) => problems.length > 0);
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
console.log(`${outcomes.length} kills, ${outcomes.length - failed.length} convergences, ${seconds} s.`);
const wrong = eights.flatMap((problems, index) =>
  problems.map((problem) => `    time ${index + 1}: ${problem}`),
);
if (eights.length > 0) {
  console.log(
    `Eight up at once, ${eights.length} times: ${wrong.length === 0 ? "one applies, seven find nothing to do" : "FAILED"}.`,
  );
}
for (const problem of wrong) console.log(problem);
if (failed.length > 0)
  console.log(`Seed ${seed}; failed: ${failed.map(({ kill }) => `#${kill.number}`).join(", ")}.`);
if (failed.length + wrong.length > 0) process.exitCode = 1;
