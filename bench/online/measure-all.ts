import { rm } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import { makeWorkDirectory, SETTINGS } from "./cluster.ts";
import { buildCommand } from "./command-line.ts";
import { findPostgres } from "./find-postgres.ts";
import { measureProfile } from "./measure-profile.ts";
import type { BenchOptions } from "./options.ts";
import { PROFILES } from "./profiles.ts";
import type { BenchResults, RunResult } from "./results.ts";
import { makeTemplate } from "./template.ts";

/** Authgraft's default. */
const BUDGET = 50;

/** What comes between two runs, and the making of five million rows, in seconds; measured roughly, for the estimate. */
const BETWEEN = 5;
const MAKING = 60;

/** Runs every profile that was asked for, and takes everything away again, also when it is stopped. */
export async function measureAll(
  options: BenchOptions,
  signal: AbortSignal,
  say: (line: string) => void,
  keep: (results: BenchResults) => Promise<void>,
): Promise<BenchResults> {
  const profiles = PROFILES.filter(({ name }) => options.profiles.includes(name));
  const { binaries, origin } = await findPostgres();
  const total = profiles.reduce((sum, { actions }) => sum + actions.length * options.repeats, 0);
  say(`PostgreSQL ${binaries.version}, ${origin} (${binaries.directory})`);
  say(`${total} runs, about ${estimate(options)} minutes`);
  const directory = await makeWorkDirectory();
  const built = await buildCommand();
  const runs: RunResult[] = [];
  const results = () => ({
    ...surroundings(),
    postgres: `${binaries.version}, ${origin}`,
    options,
    budget: BUDGET,
    runs,
  });
  const templates = new Map<SampleName, string>();
  try {
    for (const profile of profiles) {
      const { shape } = profile;
      const made = templates.get(shape) ?? (await template(shape));
      templates.set(shape, made);
      await measureProfile({ profile, options, binaries, template: made, directory, signal }, (run) => {
        runs.push(run);
        say(`${runs.length}/${total} ${describeRun(run)}`);
      });
      await keep(results());
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
    await rm(built, { recursive: true, force: true });
  }
  return results();

  async function template(shape: SampleName): Promise<string> {
    say(`making ${options.rows.toLocaleString("en")} users of sample ${shape.toUpperCase()}`);
    return makeTemplate(binaries, join(directory, `template-${shape}`), shape, options.rows);
  }
}

function estimate({ profiles, repeats, seconds, rows }: BenchOptions): number {
  const chosen = PROFILES.filter(({ name }) => profiles.includes(name));
  const shapes = new Set(chosen.map(({ shape }) => shape)).size;
  const runs = chosen.map(
    ({ actions, share = 1 }) => actions.length * repeats * (Math.max(seconds * share, 2) + BETWEEN),
  );
  const making = shapes * MAKING * (rows / 5_000_000);
  return Math.ceil((runs.reduce((sum, part) => sum + part, 0) + making + 20 * chosen.length) / 60);
}

function surroundings() {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
    settings: SETTINGS,
  };
}

function describeRun({ profile, action, repeat, latency, errors, change, locks }: RunResult): string {
  const parts = [
    `${profile} ${action} #${repeat}:`,
    `${latency.count} queries, slowest ${latency.slowest.toFixed(1)} ms, p99.9 ${latency.p999.toFixed(1)} ms`,
    `behind a lock ${locks.longestWait.toFixed(1)} ms`,
    ...(change === null ? [] : [`took ${change.seconds.toFixed(2)} s`]),
    ...(Object.keys(errors).length === 0 ? [] : [`errors ${JSON.stringify(errors)}`]),
    ...(change?.failure ? [`FAILED: ${change.failure}`] : []),
  ];
  return parts.join(", ").replace(":,", ":");
}
