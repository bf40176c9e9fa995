import { ConfigurationError } from "../errors.ts";
import { displayName } from "../users-table/find-table.ts";
import { makeArchive } from "./archive/put-aside.ts";
import { type CountedLoss, countLosses, lossRefusal } from "./down/count-losses.ts";
import { fenceSection } from "./down/fence.ts";
import { afterRemoval, fenceFindings, fenceNotes, stillFenced } from "./down/fence-words.ts";
import { differenceNotes, nullableNotes } from "./down/notes.ts";
import { type FenceRemoval, removeFence } from "./down/remove-fence.ts";
import { standingRefusals } from "./down/standing-refusals.ts";
import type { Finding } from "./finding.ts";
import { closeRun, openRun, recordFailure } from "./journal.ts";
import { archiveSchemaName, emailIndexName } from "./names.ts";
import { readFacts } from "./read-situation.ts";
import { type LockReport, lockReport } from "./run/lock-report.ts";
import { type RunOptions, withMigrator } from "./run/open-run.ts";
import type { RunContext } from "./run/run-context.ts";
import { runSection } from "./run/run-section.ts";
import { lockTarget, runStep } from "./run/run-steps.ts";
import type { Situation } from "./situation.ts";
import type { DownChoices, Step } from "./step.ts";
import { graftSchemaStep } from "./steps/graft-schema.ts";
import { STEPS } from "./steps.ts";
import { ALL_TABLES, REVOKED_TOKENS } from "./tables.ts";
import { providerColumns } from "./users-objects.ts";

/** What `down` takes. */
export interface DownOptions extends RunOptions {
  /** Goes back one step only. */
  readonly step?: boolean;
  /** Keeps aside what would be lost, for `up --restore`. */
  readonly archive?: boolean;
  /** Throws away what would be lost. */
  readonly discardData?: boolean;
}

/** What `down` did, or why it did nothing. */
export interface DownResult {
  /** `pending`: the graft is out, or was not in. */
  readonly state: "pending" | "applied" | "refused";
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  readonly refusals: readonly Finding[];
  /** What was counted, by kind: lost, archived, or the reason of a refusal. */
  readonly losses: readonly CountedLoss[];
  /** The schema that holds what was put aside. */
  readonly archive: string | null;
  /** What a person should know about the result: columns left nullable, an interrupted run's fence that was opened. */
  readonly notes: readonly string[];
  readonly locks: LockReport;
}

type Decided = Omit<DownResult, "locks">;

/**
 * Asserts that the options make sense together. An archive is one picture of the whole graft: steps taken
 * one at a time would each need one of their own, with new values in between.
 *
 * @throws ConfigurationError `usage_invalid`.
 */
export function assertDownOptions({ step, archive, discardData }: Omit<DownOptions, "databaseUrl">): void {
  if (archive && discardData) {
    throw new ConfigurationError(
      "usage_invalid",
      "--archive keeps the data aside and --discard-data throws it away.",
      {
        fix: "Give one of the two.",
      },
    );
  }
  if (step && archive) {
    throw new ConfigurationError(
      "usage_invalid",
      "--archive keeps the whole graft aside and --step goes back one step.",
      {
        fix: "Give one of the two: a step that would lose something takes --archive without --step.",
      },
    );
  }
}

/**
 * Takes the graft out: fence, prove, drop. New values are kept from arriving, a count proves that nothing
 * would be lost (or everything is archived, or a person said to throw it away), and only then anything goes.
 *
 * @throws ConfigurationError `usage_invalid`.
 * @throws MigrationError `lock_timeout`, `migration_failed`, `interrupted`.
 */
export async function down(options: DownOptions): Promise<DownResult> {
  assertDownOptions(options);
  return withMigrator(options, async (context) => {
    const result = await decide(context, options);
    return { ...result, locks: lockReport(context) };
  });
}

async function decide(context: RunContext, options: DownOptions): Promise<Decided> {
  const situation = await readFacts(context.client, context.configuration);
  const steps = presentSteps(situation, options.step ?? false);
  if (!isGrafted(situation)) return nothing();
  const refusals = await standingRefusals(context, situation, steps, options);
  if (refusals.length > 0) return openAndRefuse(context, refusals, []);
  const losses = await countLosses(context.client, situation, steps);
  const table = displayName(situation.users.schema, situation.users.name);
  if (losses.length > 0 && !options.archive && !options.discardData) {
    return openAndRefuse(context, [lossRefusal(losses, table)], losses);
  }
  return takeOut(context, situation, steps, options);
}

/** Also when the record was lost: what stands under the graft's names must not pass for nothing. */
function isGrafted(situation: Situation): boolean {
  if (situation.graft?.provenance?.length) return true;
  const relations = situation.graft?.relations.map((relation) => relation.name) ?? [];
  const index = situation.users.indexes.some(({ name }) => name === emailIndexName(situation));
  const revoked = situation.revokedTokens?.comment === REVOKED_TOKENS.comment;
  return (
    index || revoked || ALL_TABLES.some((table) => table.place === "graft" && relations.includes(table.name))
  );
}

/** Steps of which something stands, last first. */
function presentSteps(situation: Situation, one: boolean): Step[] {
  const present = [...STEPS].reverse().filter((step) => step.isPresent(situation));
  return one ? present.slice(0, 1) : present;
}

async function takeOut(
  context: RunContext,
  situation: Situation,
  steps: readonly Step[],
  options: DownOptions,
): Promise<Decided> {
  const section = fenceSection(situation, steps);
  try {
    if (section !== null) {
      context.progress("keeping new values out, and waiting for older writers", "step");
      await runSection(context, section, lockTarget(situation));
    }
    return await proveAndDrop(context, situation, steps, options);
  } catch (error) {
    // Sign-in must not stay closed because a step could not be had; the next run fences and counts anew.
    const removal = await removeFence(context).catch(() => null);
    throw removal === null ? stillFenced(error) : afterRemoval(error, removal);
  }
}

async function proveAndDrop(
  context: RunContext,
  situation: Situation,
  steps: readonly Step[],
  options: DownOptions,
): Promise<Decided> {
  const losses = await countLosses(context.client, situation, steps);
  if (losses.length > 0 && !options.archive && !options.discardData) {
    const removal = await removeFence(context);
    const table = displayName(situation.users.schema, situation.users.name);
    return refusal([lossRefusal(losses, table)], losses, removal, "own");
  }
  // Where nothing would be lost there is nothing to keep, unless an interrupted run has begun to.
  const kept = options.archive && (losses.length > 0 || situation.archive !== null);
  const archive = kept ? await putAside(context) : null;
  const choices = choose(situation, losses);
  const before = await readFacts(context.client, context.configuration);
  const done = await runDown(context, steps, choices);
  const after = await readFacts(context.client, context.configuration);
  const whole = steps.length === presentSteps(before, false).length;
  const notes = [...nullableNotes(choices), ...(whole ? differenceNotes(before, after, choices) : [])];
  return { state: "pending", steps: done, refusals: [], losses, archive, notes };
}

/** An archive that stands while the fences do is of this same `down`, interrupted: nothing changed since. */
async function putAside(context: RunContext): Promise<string> {
  const situation = await readFacts(context.client, context.configuration);
  const schema = archiveSchemaName(context.configuration.schema);
  if (situation.archive !== null) return schema;
  context.progress(`putting aside what would be lost, in the schema ${schema}`, "step");
  await makeArchive(context, situation);
  return schema;
}

/** Rows without a provider are neither deleted nor given one: their columns stay nullable (C13). */
function choose(situation: Situation, losses: readonly CountedLoss[]): DownChoices {
  const without = losses.some((loss) => loss.kind === "no_provider");
  return { keepNullable: without ? providerColumns(situation) : [] };
}

async function runDown(
  context: RunContext,
  steps: readonly Step[],
  choices: DownChoices,
): Promise<DownResult["steps"]> {
  const { client, configuration } = context;
  const run = await openRun(client, configuration.schema, "down");
  const done: { id: string; title: string }[] = [];
  try {
    for (const step of steps) {
      const situation = await readFacts(client, configuration);
      const title = `Undo: ${step.title(situation)}`;
      context.progress(title, "step");
      await runStep(context, situation, step, step.down(situation, choices), { run, direction: "down" });
      done.push({ id: step.id, title });
    }
  } catch (error) {
    await recordFailure(context, run, error);
    throw error;
  }
  const journalStands = steps.every((step) => step.id !== graftSchemaStep.id);
  if (journalStands) await closeRun(client, configuration.schema, run, { state: "done", detail: null });
  return done;
}

function nothing(): Decided {
  return { state: "pending", steps: [], refusals: [], losses: [], archive: null, notes: [] };
}

/** What a killed run has left closed is opened: who is refused must not go away and leave it so. */
async function openAndRefuse(
  context: RunContext,
  refusals: readonly Finding[],
  losses: readonly CountedLoss[],
): Promise<Decided> {
  const removal = await removeFence(context).catch((error: unknown) => {
    throw stillFenced(error);
  });
  return refusal(refusals, losses, removal, "left");
}

function refusal(
  refusals: readonly Finding[],
  losses: readonly CountedLoss[],
  removal: FenceRemoval,
  whose: "own" | "left",
): Decided {
  return {
    state: "refused",
    steps: [],
    refusals: [...refusals, ...fenceFindings(removal)],
    losses,
    archive: null,
    notes: fenceNotes(removal, whose),
  };
}
