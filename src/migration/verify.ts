import { displayName } from "../users-table/find-table.ts";
import type { Finding } from "./finding.ts";
import { type JournalRun, readJournal } from "./journal.ts";
import { obstacle } from "./obstacle.ts";
import { makePlan, type PlannedStep } from "./plan.ts";
import { foreignRelations, readSituation } from "./read-situation.ts";
import { type MigrationOptions, withReader } from "./run/open-run.ts";
import type { Situation } from "./situation.ts";
import { standingFences } from "./standing-fences.ts";

/** Whether the database is as the plan wants it, and every way in which it is not. */
export interface Verification {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Checks a grafted database against the plan, the record of whose each object is, and the journal. */
export async function verify(options: MigrationOptions): Promise<Verification> {
  return withReader(options, async (client, configuration) => {
    const situation = await readSituation(client, configuration);
    const plan = makePlan(situation);
    if (situation.graft === null && plan.steps.every(({ state }) => state === "pending")) {
      return { ok: false, findings: [...plan.refusals, notGrafted(situation)] };
    }
    const journal = situation.graft?.provenance ? await readJournal(client, configuration.schema) : [];
    const findings = [
      ...plan.refusals,
      ...plan.steps.flatMap((step) => undone(step, journal)),
      ...leftovers(situation),
      ...strangers(situation),
      ...plan.warnings,
    ];
    return { ok: findings.every((finding) => finding.severity === "warning"), findings };
  });
}

/** One sentence instead of a line for every step. */
function notGrafted({ users }: Situation): Finding {
  const table = displayName(users.schema, users.name);
  return obstacle(
    "not_grafted",
    table,
    `The table ${table} is not grafted.`,
    "Run authgraft plan, then authgraft up.",
  );
}

/** What the catalog does not show; where the journal says that it was done, the two disagree. */
function undone(step: PlannedStep, journal: readonly JournalRun[]): Finding[] {
  const last = journal.flatMap((run) => [...run.steps].reverse()).find((entry) => entry.step === step.id);
  const journalSaysDone = last?.direction === "up" && last.state === "done";
  if (step.state === "done")
    return journalSaysDown(step, last) ? [disagreement(step, "taken out", "done")] : [];
  if (journalSaysDone) return [disagreement(step, "done", "not done")];
  return [
    obstacle("step_pending", step.id, `The step ${step.id} is not done: ${step.title}.`, "Run authgraft up."),
  ];
}

function journalSaysDown(step: PlannedStep, last: JournalRun["steps"][number] | undefined): boolean {
  return step.id !== "graft-schema" && last?.direction === "down" && last.state === "done";
}

function disagreement(step: PlannedStep, said: string, shown: string): Finding {
  return obstacle(
    "journal_disagrees",
    step.id,
    `The journal says that the step ${step.id} is ${said}, and the catalog shows it ${shown}: something else changed the schema.`,
    "The catalog is what counts. Run authgraft plan to see what is missing, and authgraft up to complete it.",
  );
}

function leftovers(situation: Situation): Finding[] {
  const fix = "Run authgraft up to take it away, or authgraft down to go on.";
  return standingFences(situation).map(({ table, trigger, refuses }) => {
    const left = `An interrupted down left the trigger ${trigger}`;
    if (refuses) return obstacle("fence_left", table, `${left}, which refuses new values for sign-in.`, fix);
    return {
      ...obstacle("fence_disabled", table, `${left}, disabled: it refuses nothing.`, fix),
      severity: "warning",
    };
  });
}

function strangers(situation: Situation): Finding[] {
  const { schema } = situation.configuration;
  return [...foreignRelations(situation), ...(situation.graft?.others ?? [])].map((name) => ({
    ...obstacle(
      "stranger_in_schema",
      `${schema}.${name}`,
      `${name} stands in the schema ${schema} and is not the graft's.`,
      "Move it to another schema: down refuses while it is there.",
    ),
    severity: "warning" as const,
  }));
}
