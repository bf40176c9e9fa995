import { z } from "zod";
import { MigrationError } from "../../errors.ts";
import { displayName } from "../../users-table/find-table.ts";
import type { Situation } from "../situation.ts";
import { VERSION } from "../version.ts";
import { planHash, type StepHash, schemaFingerprint, stepHashes } from "./fingerprint.ts";
import { GATES } from "./gates/gate-record.ts";

/** What an `up` that must have been rehearsed takes. */
export interface RequiredRehearsal {
  /** What `rehearse` wrote, as it was read. */
  readonly rehearsal: unknown;
  /** Seconds since it ended. */
  readonly maxAgeSeconds: number;
  /** Default: the moment of the call. */
  readonly now?: Date;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const rehearsalSchema = z.object({
  decision: z.enum(["go", "no-go"]),
  gates: z.array(
    z.object({ id: z.string(), passed: z.boolean(), evidence: z.record(z.string(), z.unknown()) }),
  ),
  table: z.string(),
  serverVersion: z.string(),
  authgraftVersion: z.string(),
  planHash: hash.nullable(),
  schemaFingerprint: hash.nullable(),
  lockBudgetMilliseconds: z.number(),
  finishedAt: z.iso.datetime(),
});

type Rehearsed = z.output<typeof rehearsalSchema>;

/** What `rows_unchanged` has counted in the users table. */
const countedSchema = z.object({ before: z.object({ rows: z.number() }) });

const stepHashesSchema = z.array(z.object({ id: z.string(), hash }));

/** Clocks of two machines may differ by this much, in milliseconds. */
const CLOCK_DIFFERENCE = 60_000;

/**
 * Asserts that what would be done now is what was rehearsed, and that it was a go: the same plan on the same users
 * table, with rows where it has some, under the same lock budget, on the same major version of PostgreSQL, by the
 * same version of Authgraft, and not too long ago.
 *
 * @throws MigrationError `refused`, with every reason.
 */
export function assertRehearsed(
  situation: Situation,
  { rehearsal, maxAgeSeconds, now = new Date() }: RequiredRehearsal,
): void {
  const parsed = rehearsalSchema.safeParse(rehearsal);
  const reasons = parsed.success
    ? [
        ...notGo(parsed.data),
        ...otherTable(situation, parsed.data),
        ...otherVersions(situation, parsed.data),
        ...otherPlan(situation, parsed.data),
        ...otherSchema(situation, parsed.data),
        ...otherBudget(situation, parsed.data),
        ...noRows(situation, parsed.data),
        ...wrongAge(parsed.data, maxAgeSeconds, now),
      ]
    : ["this is no report of a rehearsal, or not a whole one"];
  if (reasons.length === 0) return;
  throw new MigrationError(
    "refused",
    `The rehearsal does not stand for this change: ${reasons.join("; ")}. No step was done.`,
    { fix: "Rehearse again as things are now (authgraft rehearse … --report FILE), and give that report." },
  );
}

/** Every gate must be there: a report that lacks one is of something else. */
function notGo({ decision, gates }: Rehearsed): string[] {
  const open = Object.keys(GATES).filter((id) => !gates.some((gate) => gate.id === id && gate.passed));
  if (decision === "go" && open.length === 0) return [];
  return [`it is not a go${open.length === 0 ? "" : ` (did not pass: ${open.join(", ")})`}`];
}

function otherTable({ users }: Situation, { table }: Rehearsed): string[] {
  const name = displayName(users.schema, users.name);
  return table === name ? [] : [`it is of the table ${table}, and this is ${name}`];
}

function otherVersions({ server }: Situation, { serverVersion, authgraftVersion }: Rehearsed): string[] {
  const major = Math.floor(server.version / 10_000);
  const rehearsed = Number.parseInt(serverVersion, 10);
  return [
    ...(rehearsed === major
      ? []
      : [`it ran on PostgreSQL ${serverVersion}, and this is PostgreSQL ${major}: another major version`]),
    ...(authgraftVersion === VERSION
      ? []
      : [`it was made by Authgraft ${authgraftVersion}, and this is ${VERSION}`]),
  ];
}

function otherPlan(situation: Situation, rehearsed: Rehearsed): string[] {
  if (rehearsed.planHash === planHash(situation)) return [];
  const steps = differingSteps(stepHashes(situation), rehearsed);
  const which = steps.length === 0 ? "" : ` (it differs in: ${steps.join(", ")})`;
  return [`the plan is another one now${which}`];
}

/** The evidence of the gate has the hash of each step. */
function differingSteps(now: readonly StepHash[], { gates }: Rehearsed): string[] {
  const evidence = gates.find(({ id }) => id === "up_on_copy")?.evidence;
  const then = stepHashesSchema.safeParse(evidence?.steps).data;
  if (then === undefined) return [];
  const has = (list: readonly StepHash[], step: StepHash) =>
    list.some(({ id, hash: other }) => id === step.id && other === step.hash);
  const differing = [...now.filter((step) => !has(then, step)), ...then.filter((step) => !has(now, step))];
  return [...new Set(differing.map(({ id }) => id))];
}

function otherSchema(situation: Situation, rehearsed: Rehearsed): string[] {
  if (rehearsed.schemaFingerprint === schemaFingerprint(situation)) return [];
  return ["the users table has changed since: its columns, constraints, indexes, triggers or policies"];
}

/** A looser one then has proved less; a looser one now does more than was rehearsed. */
function otherBudget({ configuration }: Situation, { lockBudgetMilliseconds }: Rehearsed): string[] {
  const now = configuration.lock.budgetMilliseconds;
  if (lockBudgetMilliseconds === now) return [];
  return [
    `it ran under a lock budget of ${lockBudgetMilliseconds.toLocaleString("en")} ms, and this is one of ${now.toLocaleString("en")} ms`,
  ];
}

/** Without a row nothing was rehearsed that rows can stand in the way of. */
function noRows({ users }: Situation, { gates }: Rehearsed): string[] {
  const evidence = gates.find(({ id }) => id === "rows_unchanged")?.evidence;
  const counted = countedSchema.safeParse(evidence).data?.before.rows ?? 0;
  if (counted > 0 || (users.bytes === 0 && users.estimatedRows <= 0)) return [];
  return ["it ran on a users table without a row, and there are rows in this one"];
}

function wrongAge({ finishedAt }: Rehearsed, maxAgeSeconds: number, now: Date): string[] {
  const age = now.getTime() - new Date(finishedAt).getTime();
  if (age < -CLOCK_DIFFERENCE) return [`it ended at ${finishedAt}, which is still to come`];
  if (age <= maxAgeSeconds * 1_000) return [];
  const seconds = Math.round(age / 1_000).toLocaleString("en");
  return [
    `it ended ${seconds} s ago, at ${finishedAt}, and at most ${maxAgeSeconds.toLocaleString("en")} s are allowed`,
  ];
}
