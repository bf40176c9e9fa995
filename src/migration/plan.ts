import { findColumn } from "../users-table/relation.ts";
import type { Finding } from "./finding.ts";
import type { Situation } from "./situation.ts";
import type { DownChoices, LockMode, Section, Step } from "./step.ts";
import { STEPS } from "./steps.ts";

/** One step of a plan, with the statements that are still to run. */
export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly state: "pending" | "done";
  readonly up: readonly Section[];
  readonly down: readonly Section[];
  /** The strongest lock it takes on the users table. */
  readonly lock: LockMode;
  /** Whether all of it runs inside transactions. */
  readonly transactional: boolean;
}

/** The ordered steps from what stands to the whole graft, and what stands in the way. */
export interface Plan {
  /** `applied`: nothing is left to do. `refused`: nothing will be done until the refusals are met. */
  readonly state: "pending" | "applied" | "refused";
  readonly steps: readonly PlannedStep[];
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const LOCKS: readonly LockMode[] = [
  "NONE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE ROW EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

const NO_CHOICES: DownChoices = { keepNullable: [] };

/**
 * Makes the plan: a pure function of what stands. It is a diff, so it serves a first graft, an upgrade, a
 * repair and a database that is grafted already, all alike.
 */
export function makePlan(situation: Situation): Plan {
  const wanted = STEPS.filter((step) => step.isWanted(situation));
  const refusals = findingsOf(situation, wanted).filter((finding) => finding.severity === "refusal");
  const warnings = findingsOf(situation, wanted).filter((finding) => finding.severity === "warning");
  const steps = servable(situation, refusals) ? wanted.map((step) => planStep(situation, step)) : [];
  const applied = steps.length > 0 && steps.every((step) => step.state === "done");
  return {
    state: refusals.length > 0 ? "refused" : applied ? "applied" : "pending",
    steps,
    refusals,
    warnings,
  };
}

/** Steps can be told only for a table whose id there is; a look without findings must see that too. */
function servable({ users, mapping }: Situation, refusals: readonly Finding[]): boolean {
  const fatal: readonly string[] = [
    "not_a_table",
    "primary_key_missing",
    "primary_key_composite",
    "mapping_column_missing",
  ];
  if (users.kind !== "r" || findColumn(users, mapping.id) === undefined) return false;
  return !refusals.some((finding) => fatal.includes(finding.code));
}

function findingsOf(situation: Situation, steps: readonly Step[]): Finding[] {
  const obstacles = steps.flatMap((step) => step.obstacles(situation));
  return [...situation.findings, ...obstacles, ...archiveWarnings(situation)];
}

/** An archive waits to be brought back: an `up` without `--restore` leaves it where it is. */
function archiveWarnings({ archive }: Situation): Finding[] {
  if (archive === null) return [];
  return [
    {
      code: "archive_waiting",
      severity: "warning",
      acceptable: false,
      object: archive.schema,
      message: `What an earlier down --archive put aside stands in the schema ${archive.schema} (of ${archive.archivedAt}).`,
      fix: "Bring it back with authgraft up --restore.",
      evidence: null,
    },
  ];
}

function planStep(situation: Situation, step: Step): PlannedStep {
  const up = step.up(situation);
  const down = step.down(situation, NO_CHOICES);
  const done = step.isDone(situation);
  return {
    id: step.id,
    title: step.title(situation),
    reason: step.reason(situation),
    state: done ? "done" : "pending",
    up,
    down,
    lock: strongest(done ? down : up),
    transactional: (done ? down : up).every((section) => section.transactional),
  };
}

/** On the users table; a lock on one of the graft's own tables is none on it. */
function strongest(sections: readonly Section[]): LockMode {
  return sections
    .filter(({ ownTable }) => ownTable === undefined)
    .reduce<LockMode>((most, { lock }) => (LOCKS.indexOf(lock) > LOCKS.indexOf(most) ? lock : most), "NONE");
}

/** The statements of sections as they are printed: transactions with their BEGIN and COMMIT. */
export function statementsOf(sections: readonly Section[]): string[] {
  return sections.flatMap((section) =>
    section.transactional && section.statements.length > 1
      ? ["BEGIN", ...section.statements, "COMMIT"]
      : section.statements,
  );
}
