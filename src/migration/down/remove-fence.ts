import { MigrationError } from "../../errors.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { dropArchive } from "../archive/archive-sql.ts";
import { readFacts } from "../read-situation.ts";
import { Patience } from "../run/patience.ts";
import type { RunContext } from "../run/run-context.ts";
import { runSection } from "../run/run-section.ts";
import { lockTarget } from "../run/run-steps.ts";
import type { Situation } from "../situation.ts";
import { disarmFence, dropFences, fenceStands } from "../standing-fences.ts";

/** What became of a fence that was to go, and of the archive that was made behind it. */
export interface FenceRemoval {
  /** `disarmed`: its triggers stand and refuse nothing. `kept`: it goes on refusing, for the archive's sake. */
  readonly fence: "none" | "gone" | "disarmed" | "kept";
  /** `left`: somebody holds it, so that it could not be dropped. */
  readonly archive: "none" | "dropped" | "left";
  /** The archive's schema. */
  readonly schema: string;
}

/** Milliseconds to try for what taking a fence away needs, when the run itself is over. */
const FENCE_REMOVAL = 5_000;

/** What stops a run may reach its connection only now: first the word, then a cancel that was on its way. */
const ATTEMPTS = 3;

/**
 * Also after an interruption, and past the run's own deadline: a fence is not left in force. Opening it needs no
 * lock on any table; where somebody holds off the strong lock that dropping it takes, its triggers stand until the
 * next run drops them.
 *
 * An archive made behind it cannot be proved current any more. As long as all that it holds stands in the tables,
 * it goes too; once part of that is out, the fence stays, because only behind it can the same `down` go on.
 */
export async function removeFence(
  context: RunContext,
  { keepArchive = false }: { readonly keepArchive?: boolean } = {},
): Promise<FenceRemoval> {
  const last = { ...context, signal: undefined, patience: new Patience(FENCE_REMOVAL) };
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToRemoveFence(last, keepArchive);
    } catch (error) {
      if (attempt === ATTEMPTS || !wasStopped(error)) throw error;
    }
  }
}

function wasStopped(error: unknown): boolean {
  return (
    sqlState(error) === SqlState.queryCanceled ||
    (error instanceof MigrationError && error.code === "interrupted")
  );
}

async function tryToRemoveFence(last: RunContext, keepArchive: boolean): Promise<FenceRemoval> {
  const situation = await readFacts(last.client, last.configuration);
  const schema = situation.archive?.schema ?? "";
  if (!fenceStands(situation)) return { fence: "none", archive: "none", schema };
  if (isPartlyOut(situation)) return { fence: "kept", archive: "none", schema };
  // The archive first: a fence without one is nothing new to the next run, one that is open is.
  const archive = keepArchive ? "none" : await dropCopies(last, situation);
  for (const section of disarmFence(situation)) await runSection(last, section, lockTarget(situation));
  const fence = (await dropTriggers(last, situation)) ? "gone" : "disarmed";
  return { fence, archive, schema };
}

/** Whether steps were done since the archive was made: it holds what stands nowhere else then. */
function isPartlyOut({ archive, graft }: Situation): boolean {
  if (archive === null || !graft?.fenceFunction?.archived) return false;
  // Whatever is taken out is struck from the record in the same transaction.
  return JSON.stringify(archive.provenance) !== JSON.stringify(graft.provenance);
}

/** Drops an archive that was begun behind the standing fence and holds copies only. */
export async function dropCopies(
  context: RunContext,
  situation: Situation,
): Promise<FenceRemoval["archive"]> {
  const { archive, graft } = situation;
  if (archive === null || !graft?.fenceFunction?.archived || isPartlyOut(situation)) return "none";
  const patient = { ...context, patience: new Patience(FENCE_REMOVAL) };
  try {
    const statements = dropArchive(archive);
    await runSection(patient, { transactional: true, lock: "NONE", statements }, lockTarget(situation));
    return "dropped";
  } catch (error) {
    if (wasStopped(error)) throw error;
    return "left";
  }
}

async function dropTriggers(last: RunContext, situation: Situation): Promise<boolean> {
  try {
    for (const section of dropFences(situation)) {
      await runSection({ ...last, patience: new Patience(0) }, section, lockTarget(situation));
    }
    return true;
  } catch (error) {
    if (!(error instanceof MigrationError) || error.code !== "lock_timeout") throw error;
    return false;
  }
}
