import type { Configuration } from "../../config/schema.ts";
import { copyDatabase } from "../../migration/rehearse/copy/copy-database.ts";
import type { RecordedQuery, Rehearsal, RehearsalSource } from "../../migration/rehearse/rehearsal.ts";
import { rehearse as runGates } from "../../migration/rehearse/rehearse.ts";
import type { CommandResult } from "../command.ts";
import { configurationOf, databaseUrlOf, type Surroundings } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { printRehearsal } from "../print/rehearsal.ts";
import { rehearsalPage } from "../print/rehearsal-page.ts";
import { type RehearsalProgress, rehearsalProgress } from "../print/rehearsal-progress.ts";
import { withEmbeddedScratch } from "../rehearse/embedded-scratch.ts";
import { assertDistinct, chooseSource, type RehearseFlags, type SourceChoice } from "../rehearse/flags.ts";
import { openGivenScratch, type Spared } from "../rehearse/given-scratch.ts";
import { openDump } from "../rehearse/open-dump.ts";
import { readQueriesFile } from "../rehearse/queries-file.ts";
import { assertWritable, reportText, type Target, writeWhole } from "../rehearse/report-file.ts";
import type { Scratch } from "../rehearse/scratch.ts";

/** What is rehearsed, once the options are understood. */
interface Task {
  readonly configuration: Configuration;
  readonly source: RehearsalSource;
  /** What a server that is named must not be the server of. */
  readonly spared: Spared;
  readonly queries: readonly RecordedQuery[] | null;
}

/** Tries the change on a copy of the database, gate by gate, and says go or no-go. */
export async function rehearse(flags: RehearseFlags, around: Surroundings): Promise<CommandResult> {
  const choice = chooseSource(flags);
  assertDistinct(flags);
  for (const target of targetsOf(flags)) await assertWritable(target);
  const progress = rehearsalProgress(around.terminal, flags.json ?? false);
  try {
    const task = await interruptible(prepare(choice, flags, around), around.signal);
    const { rehearsal, notes } = await onScratch(task, flags, around, progress);
    return await conclude(rehearsal, notes, flags, around);
  } finally {
    progress.end();
  }
}

async function prepare(choice: SourceChoice, flags: RehearseFlags, around: Surroundings): Promise<Task> {
  const configuration = await configurationOf(flags, around);
  const queries = flags.queries === undefined ? null : await readQueriesFile(flags.queries);
  if (choice.kind === "dump") {
    const { environment } = around;
    const source = await openDump(choice.file, { environment, table: configuration.table });
    const named = environment.DATABASE_URL || configuration.databaseUrl || null;
    return { configuration, source, spared: { url: named, as: "named" }, queries };
  }
  const sourceUrl = databaseUrlOf(flags, around, configuration);
  const { table, schema } = configuration;
  const source = await copyDatabase(sourceUrl, { rows: choice.rows, table, schema });
  return { configuration, source, spared: { url: sourceUrl, as: "source" }, queries };
}

/** What came out, and what is to be known about the server. */
interface Outcome {
  readonly rehearsal: Rehearsal;
  readonly notes: readonly string[];
}

async function onScratch(
  task: Task,
  { scratchUrl }: RehearseFlags,
  { directory, signal }: Surroundings,
  { onProgress, onGate }: RehearsalProgress,
): Promise<Outcome> {
  const { source, spared, queries, configuration } = task;
  const work = async ({ server, notes }: Scratch): Promise<Outcome> => {
    const options = { source, scratch: server, configuration, queries, onProgress, onGate, signal };
    const rehearsal = await runGates(options);
    return { rehearsal, notes: [...notes, ...rehearsal.notes] };
  };
  if (scratchUrl === undefined) {
    return withEmbeddedScratch({ wanted: source, packagesDirectory: directory, onProgress, signal }, work);
  }
  const server = await openGivenScratch(scratchUrl, spared, source);
  return work({ server, notes: [] });
}

async function conclude(
  rehearsal: Rehearsal,
  notes: readonly string[],
  { report = null, html }: { readonly report?: string | null; readonly html?: string },
  { terminal }: Surroundings,
): Promise<CommandResult> {
  const extras = { report, notes };
  const found = { ...rehearsal, notes };
  if (report !== null) await writeWhole(report, reportText(found));
  if (html !== undefined) await writeWhole(html, rehearsalPage(rehearsal, extras));
  return {
    exitCode: rehearsal.decision === "go" ? ExitCode.done : ExitCode.verification,
    json: found,
    text: printRehearsal(rehearsal, terminal, extras),
  };
}

function targetsOf({ report, html }: RehearseFlags): Target[] {
  return [
    ...(report === undefined ? [] : [{ option: "--report", path: report } as const]),
    ...(html === undefined ? [] : [{ option: "--html", path: html } as const]),
  ];
}
