import type pg from "pg";
import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError, MigrationError } from "../../errors.ts";
import { acquireAdvisoryLock, releaseAdvisoryLock } from "../../postgres/advisory-lock.ts";
import { collectRefused, pendingReport } from "./describe-rows.ts";
import type { ImportContext } from "./import-context.ts";
import type { ImportReport } from "./import-report.ts";
import { assertRowsCanBeMade, judge } from "./judge-rows.ts";
import type { Judgement } from "./judge-sql.ts";
import { moveSequence } from "./move-sequence.ts";
import { openSource } from "./open-source.ts";
import { PlainPasswords } from "./plain-passwords.ts";
import type { FileFindings } from "./read-file.ts";
import { countOutcomes, readExtent } from "./read-verdicts.ts";
import type { FileKind } from "./recognise.ts";
import { decodeText } from "./source/decode-text.ts";
import { allowWriting } from "./stage.ts";
import { kindOf, stageFile } from "./stage-file.ts";
import { interrupted, total, writeBatches } from "./write-batches.ts";
import { writeStatements } from "./write-sql.ts";

/** A transaction of a batch: large enough to be quick, small enough that nobody waits for its rows. */
const BATCH = 5_000;

/** Hashing takes most of the time then, and what is hashed is not to be lost. */
const BATCH_OF_PLAIN = 200;

/**
 * Imports users: reads and checks the whole file into a temporary table, decides what becomes of each row, and
 * only then writes, in batches. Running it again goes on where it was stopped, and then changes nothing.
 *
 * @throws MigrationError `import_invalid`, `lock_timeout`, `interrupted`; ConfigurationError `usage_invalid`,
 *   `configuration_invalid`.
 */
export async function importUsers(context: ImportContext): Promise<ImportReport> {
  const { client, configuration, options, table } = context;
  if (options.withAdmins && table.mapping.is_admin === null) throw administratorsAreTheirs();
  return options.dryRun
    ? readAndWrite(context)
    : withImportLock(client, configuration, context.signal, () => readAndWrite(context));
}

/** How an import ends that has written, or tried to. */
const WRITES: readonly ImportReport["state"][] = ["imported", "stopped"];

async function readAndWrite(context: ImportContext): Promise<ImportReport> {
  const { client } = context;
  const kind = await kindOf(context);
  const read = await stageFile(context, kind);
  const judgement = await judge(context, read.findings);
  const report = await pendingReport(context, kind, read, judgement);
  const done = await decideAndWrite(context, kind, read.findings, judgement, report);
  const isAsDecided = !WRITES.includes(done.state) || total(done.written) === total(done.outcomes);
  const outcomes = isAsDecided ? done.outcomes : await countOutcomes(client);
  const refused = outcomes.refused === 0 ? [] : await collectRefused(context, judgement.match);
  return { ...done, outcomes, refused };
}

/** Where a column of the application's own decides, an import does not know what to write into it. */
function administratorsAreTheirs(): ConfigurationError {
  return new ConfigurationError(
    "usage_invalid",
    "--with-admins: a column of the application's own says who is an administrator (mapping.admin).",
    { fix: "Leave the option out, and set that column yourself." },
  );
}

async function withImportLock<Result>(
  client: pg.Client,
  { schema, lock }: Configuration,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = `${schema} import`;
  const timeout = lock.deadlineSeconds * 1_000;
  const got = await acquireAdvisoryLock(client, name, { timeout, signal }).catch((error: unknown) => {
    throw signal.aborted ? interrupted(0) : error;
  });
  if (!got) {
    throw new MigrationError("lock_timeout", "Another import is still going on.", {
      fix: "Wait until it has ended, then run the same command again.",
    });
  }
  try {
    return await work();
  } finally {
    await releaseAdvisoryLock(client, name).catch(() => undefined);
  }
}

async function decideAndWrite(
  context: ImportContext,
  kind: FileKind,
  findings: FileFindings,
  judgement: Judgement,
  report: ImportReport,
): Promise<ImportReport> {
  const { options, table, configuration } = context;
  if (report.outcomes.new > 0) assertRowsCanBeMade(table, configuration, findings);
  const refused = report.outcomes.refused > 0 && !options.skipInvalid;
  if (options.dryRun) return { ...report, state: "dry_run" };
  if (refused) return { ...report, state: "refused" };
  if (total(report.outcomes) === 0) return { ...report, state: "imported" };
  if (!(await context.confirm(report))) return { ...report, state: "declined" };
  return write(context, kind, findings, judgement, report);
}

async function write(
  context: ImportContext,
  kind: FileKind,
  findings: FileFindings,
  { match }: Judgement,
  report: ImportReport,
): Promise<ImportReport> {
  const { client, table, configuration, options, signal, onProgress } = context;
  const { registration } = configuration;
  const extent = await readExtent(client);
  const statements = writeStatements({
    ...{ table, registration, match, extent },
    ...{ has: findings.has, withAdmins: options.withAdmins },
  });
  const all = total(report.outcomes);
  const note = extent.newRows && findings.has.has("id") ? await moveSequence(client, table) : null;
  await allowWriting(client);
  const plain = await startPlain(context, kind, findings);
  try {
    const { written, stopped } = await writeBatches(client, statements, {
      size: context.batchSize ?? (plain === null ? BATCH : BATCH_OF_PLAIN),
      skipInvalid: options.skipInvalid,
      signal,
      prepare: async (from, to) => plain?.passwords.fill(client, from, to),
      onWritten: (rows) => onProgress({ phase: "writing", rows, share: rows / all }),
    });
    const notes = note === null ? report.notes : [...report.notes, note];
    return { ...report, state: stopped ? "stopped" : "imported", written, notes };
  } finally {
    await plain?.close();
  }
}

async function startPlain(context: ImportContext, kind: FileKind, findings: FileFindings) {
  if (findings.plainPasswords === 0) return null;
  const hashing = await context.startHashing();
  const rows = openSource(decodeText(context.open()), kind, context.options);
  const passwords = new PlainPasswords(rows, (password) => hashing.hash(password), context.assertUnchanged);
  const close = async () => {
    await passwords.close();
    await hashing.close();
  };
  return { passwords, close };
}
