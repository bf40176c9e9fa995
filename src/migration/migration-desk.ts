import type { Configuration } from "../config/schema.ts";
import { AuthgraftError, MigrationError } from "../errors.ts";
import { assertDownOptions, type DownOptions, type DownResult, down } from "./down.ts";
import type { Finding } from "./finding.ts";
import { viewPlan } from "./plan-view.ts";
import { inspect, type Status, status } from "./status.ts";
import { type UpResult, up } from "./up.ts";

/** A run of `up` or `down` that was started here, as far as it has come. */
export interface DeskRun {
  readonly direction: "up" | "down";
  /** `done`: what was asked for stands. `refused`: nothing was changed. */
  readonly state: "running" | "done" | "refused" | "failed";
  /** RFC 3339. */
  readonly started_at: string;
  readonly finished_at: string | null;
  /** What it is at, in words. */
  readonly progress: string | null;
  /** The steps that were done, or taken back. */
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly notes: readonly string[];
  /** The schema in which `down` put data aside. */
  readonly archive: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly fix: string | null } | null;
}

/** How a `down` goes about what it would lose. */
export type DownChoices = Required<Pick<DownOptions, "step" | "archive" | "discardData">>;

/** Carries out migrations for whoever is not at the command line. */
export interface MigrationDesk<By> {
  status(): Promise<Status & { readonly run: DeskRun | null }>;
  plan(): Promise<ReturnType<typeof viewPlan>>;
  up(options: { readonly restore: boolean }, by: By): Promise<DeskRun>;
  down(choices: DownChoices, by: By): Promise<DeskRun>;
  /** Interrupts what runs, and waits until it has ended; what is done stands. */
  stop(): Promise<void>;
}

/** What a desk is made of. */
export interface MigrationDeskOptions<By> {
  readonly databaseUrl: string;
  readonly configuration: Configuration;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Told of a run as it begins and once it has ended, and who began it. */
  readonly onChange: (run: DeskRun, by: By) => Promise<void>;
  /** Milliseconds that whoever starts a run waits for its end: less than what stands between gives them. */
  readonly patience?: number;
}

const PATIENCE = 25_000;

type Outcome = Pick<DeskRun, "state" | "steps" | "refusals" | "warnings" | "notes" | "archive" | "error">;

const NOTHING: Outcome = {
  ...{ state: "running", steps: [], refusals: [], warnings: [], notes: [], archive: null, error: null },
};

/**
 * Makes a desk: one run at a time, which goes on when whoever started it has waited for long enough; `status` tells
 * how it went then. A run that another process has begun is waited for, as at the command line.
 *
 * `up` and `down` throw MigrationError `migration_running`; how the run itself ended, with an error or without, is in
 * what they answer. `down` throws ConfigurationError `usage_invalid`.
 */
export function createMigrationDesk<By>(options: MigrationDeskOptions<By>): MigrationDesk<By> {
  const { databaseUrl, configuration, now, onChange, patience = PATIENCE } = options;
  const target = { databaseUrl, configuration };
  const stopping = new AbortController();
  let run: DeskRun | null = null;
  let ended: Promise<void> = Promise.resolve();
  const moment = () => new Date(now()).toISOString();
  const update = (changes: Partial<DeskRun>) => {
    if (run !== null) run = { ...run, ...changes };
  };
  const start = async (
    direction: DeskRun["direction"],
    by: By,
    work: () => Promise<Outcome>,
  ): Promise<DeskRun> => {
    if (run?.state === "running") throw alreadyRunning(run);
    const started: DeskRun = {
      ...NOTHING,
      ...{ direction, started_at: moment(), finished_at: null, progress: null },
    };
    run = started;
    ended = carryOut(started, by, work);
    await within(patience, ended);
    return run;
  };
  const carryOut = async (started: DeskRun, by: By, work: () => Promise<Outcome>): Promise<void> => {
    await onChange(started, by);
    const outcome = await work().catch(failed);
    const finished = { ...started, ...outcome, finished_at: moment() };
    await onChange(finished, by);
    run = finished;
  };
  const running = {
    ...target,
    signal: stopping.signal,
    onProgress: (line: string) => update({ progress: line }),
  };
  return {
    status: async () => ({ ...(await status(target)), run }),
    plan: async () => viewPlan((await inspect(target)).plan),
    up: ({ restore }, by) => start("up", by, async () => outcomeOf(await up({ ...running, restore }))),
    async down(choices, by) {
      assertDownOptions(choices);
      return start("down", by, async () => outcomeOf(await down({ ...running, ...choices })));
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

function outcomeOf(result: UpResult | DownResult): Outcome {
  const { steps, refusals, notes } = result;
  const state = result.state === "refused" ? "refused" : "done";
  const warnings = "warnings" in result ? result.warnings : [];
  return { state, steps, refusals, notes, warnings, archive: archiveOf(result), error: null };
}

function archiveOf(result: UpResult | DownResult): string | null {
  return "archive" in result ? result.archive : null;
}

/** Errors of ours say what to do, in words that anybody may read; of any other no more is said than that it came. */
function failed(error: unknown): Outcome {
  const unexpected = "An unexpected failure; the steps that were done stand.";
  const known = error instanceof AuthgraftError ? error : new AuthgraftError("internal", unexpected);
  const { code, message, fix = null } = known;
  return { ...NOTHING, state: code === "refused" ? "refused" : "failed", error: { code, message, fix } };
}

function alreadyRunning({ direction, started_at }: DeskRun): MigrationError {
  return new MigrationError(
    "migration_running",
    `A migration is going on already: ${direction}, since ${started_at}.`,
    { fix: "GET /admin/migrations says how it goes." },
  );
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
