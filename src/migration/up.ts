import { MigrationError } from "../errors.ts";
import { assertArchive, type RestoreReport, restoreArchive } from "./archive/restore.ts";
import { afterRemoval, fenceFindings, fenceNotes, stillFenced } from "./down/fence-words.ts";
import { dropCopies, type FenceRemoval, removeFence } from "./down/remove-fence.ts";
import type { Finding } from "./finding.ts";
import { closeRun, closeStep, openRun, openStep, recordFailure } from "./journal.ts";
import { makePlan, type Plan } from "./plan.ts";
import { readFacts, readSituation } from "./read-situation.ts";
import { assertRehearsed, type RequiredRehearsal } from "./rehearse/require-rehearsal.ts";
import { type LockReport, lockReport } from "./run/lock-report.ts";
import { type RunOptions, withMigrator } from "./run/open-run.ts";
import type { RunContext } from "./run/run-context.ts";
import { runSection } from "./run/run-section.ts";
import { lockTarget, runStep } from "./run/run-steps.ts";
import type { Situation } from "./situation.ts";
import { disarmFence, dropFences, fenceStands } from "./standing-fences.ts";
import type { Step } from "./step.ts";
import { STEPS } from "./steps.ts";

/** What `up` takes. */
export interface UpOptions extends RunOptions {
  /** Brings back what an earlier `down --archive` put aside. */
  readonly restore?: boolean;
  /** Told of the plan before anything is done, and before a refusal. */
  readonly onPlan?: (plan: Plan, situation: Situation) => void;
  /** Stops after this step; for tests and for those who go step by step. */
  readonly to?: string;
  /** Does nothing but what this rehearsal says go to. */
  readonly requireRehearsal?: RequiredRehearsal;
}

/** What `up` did. */
export interface UpResult {
  readonly state: Plan["state"];
  /** The steps that were done now; empty when there was nothing to do. */
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  readonly locks: LockReport;
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly restored: RestoreReport | null;
  /** What was done besides, although it is refused: an interrupted `down`'s fence that was opened. */
  readonly notes: readonly string[];
}

/**
 * Applies the plan online, step by step; each step is planned anew from the catalog, so a run that was
 * killed is simply run again.
 *
 * @throws MigrationError `refused` (nothing to restore, or not what was rehearsed), `lock_timeout`, `migration_failed`, `interrupted`.
 */
export async function up(options: UpOptions): Promise<UpResult> {
  return withMigrator(options, async (context) => {
    const situation = await readSituation(context.client, context.configuration, { advice: false });
    const plan = makePlan(situation);
    options.onPlan?.(plan, situation);
    if (plan.state === "refused") {
      const removal = await openFence(context, options);
      return { ...result(plan, [], context, null), notes: refusalNotes(removal) };
    }
    try {
      if (options.restore) assertArchive(situation);
      if (options.requireRehearsal !== undefined && plan.state === "pending")
        assertRehearsed(situation, options.requireRehearsal);
    } catch (error) {
      throw afterRemoval(error, await openFence(context, options));
    }
    await clearFences(context, situation, options);
    const done = await runPending(context, situation, options.to);
    const after = await readFacts(context.client, context.configuration);
    const restored = options.restore ? await restoreArchive(context, after) : null;
    const left = restored?.complete ? { ...after, archive: null } : after;
    // The warnings are those that were read before: they are about this change.
    return result(makePlan({ ...left, findings: situation.findings }), done, context, restored);
  });
}

/** Also where nothing else is done: what an interrupted `down` has left closed is opened. */
function openFence(context: RunContext, { restore = false }: UpOptions): Promise<FenceRemoval> {
  return removeFence(context, { keepArchive: restore }).catch((error: unknown) => {
    throw stillFenced(error);
  });
}

function refusalNotes(removal: FenceRemoval): string[] {
  const kept = fenceFindings(removal).map(({ message, fix }) => `${message} ${fix}`);
  return [...fenceNotes(removal, "left"), ...kept];
}

/** Sign-in is open at once, whoever holds the tables; the triggers go when their locks can be had. */
async function clearFences(
  context: RunContext,
  situation: Situation,
  { restore = false }: UpOptions,
): Promise<void> {
  if (!fenceStands(situation)) return;
  context.progress("taking away the fence that an interrupted down left", "step");
  if (!restore) await dropCopies(context, situation);
  for (const section of [...disarmFence(situation), ...dropFences(situation)]) {
    await runSection(context, section, lockTarget(situation));
  }
}

/** The journal begins once the first step has made it; that step is written down after the fact. */
async function runPending(
  context: RunContext,
  first: Situation,
  to: string | undefined,
): Promise<UpResult["steps"]> {
  const done: { id: string; title: string }[] = [];
  let situation = first;
  let run: string | null = null;
  try {
    for (const step of STEPS) {
      if (!step.isWanted(situation) || step.isDone(situation)) continue;
      run ??= await openRunWhereItCan(context, situation);
      const title = step.title(situation);
      context.progress(title, "step");
      await runStep(
        context,
        situation,
        step,
        step.up(situation),
        run === null ? null : { run, direction: "up" },
      );
      situation = await readFacts(context.client, context.configuration);
      assertDone(situation, step);
      run ??= await openRunAfter(context, situation, step);
      done.push({ id: step.id, title });
      if (step.id === to) break;
    }
  } catch (error) {
    if (run !== null) await recordFailure(context, run, error);
    throw error;
  }
  if (run !== null)
    await closeRun(context.client, context.configuration.schema, run, { state: "done", detail: null });
  return done;
}

async function openRunWhereItCan(context: RunContext, situation: Situation): Promise<string | null> {
  if (!situation.graft?.provenance) return null;
  return openRun(context.client, context.configuration.schema, "up");
}

async function openRunAfter(context: RunContext, situation: Situation, step: Step): Promise<string | null> {
  const run = await openRunWhereItCan(context, situation);
  if (run === null) return null;
  const { schema } = context.configuration;
  const id = await openStep(context.client, schema, { run, step: step.id, direction: "up" });
  await closeStep(context.client, schema, id, "done");
  return run;
}

/** The catalog says what stands: a step whose statements ran but that is not seen done is a defect of ours. */
function assertDone(situation: Situation, step: Step): void {
  if (step.isDone(situation)) return;
  throw new MigrationError(
    "migration_failed",
    `The step ${step.id} ran, but the catalog does not show it done.`,
    {
      fix: "Run authgraft verify, which says what differs.",
    },
  );
}

function result(
  plan: Plan,
  steps: UpResult["steps"],
  context: RunContext,
  restored: RestoreReport | null,
): UpResult {
  return {
    state: plan.state,
    steps,
    locks: lockReport(context),
    refusals: plan.refusals,
    warnings: plan.warnings,
    restored,
    notes: [],
  };
}
