import type pg from "pg";
import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError, MigrationError } from "../../errors.ts";
import { acquireAdvisoryLock, releaseAdvisoryLock } from "../../postgres/advisory-lock.ts";
import { findColumn } from "../../users-table/relation.ts";
import { fixedValues, requiredColumns } from "../insert-user.ts";
import type { UsersTable } from "../users-table.ts";
import { HashTally } from "./hash-tally.ts";
import type { ImportOptions } from "./import-options.ts";
import { type ImportProgress, type ImportReport, noOutcomes, type RefusedRow } from "./import-report.ts";
import { type Judgement, judgeSql, refusalSql } from "./judge-sql.ts";
import type { Match } from "./matching.ts";
import { moveSequence } from "./move-sequence.ts";
import { openSource } from "./open-source.ts";
import { PlainPasswords } from "./plain-passwords.ts";
import { checkRows, chooseMatch, type FileFindings, noFindings } from "./read-file.ts";
import { countOutcomes, readExtent, readRefused } from "./read-verdicts.ts";
import { describeKind, type FileKind, recognise } from "./recognise.ts";
import { notesOnLeftOut, rowRules } from "./row-rules.ts";
import { decodeText } from "./source/decode-text.ts";
import { allowWriting, createStage, stageRows, VERDICTS } from "./stage.ts";
import { total, writeBatches } from "./write-batches.ts";
import { writeStatements } from "./write-sql.ts";

/** What an import works with. */
export interface ImportContext {
  /** A connection of the import's own, prepared for it and leading to PostgreSQL directly. */
  readonly client: pg.Client;
  readonly table: UsersTable;
  readonly configuration: Configuration;
  /** The bytes of the file from its beginning, unzipped; asked for several times. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** How much of the file was read, between 0 and 1. */
  readonly share: () => number | null;
  readonly options: ImportOptions;
  /** Starts what hashes plaintext passwords. */
  readonly startHashing: () => Promise<Hashing>;
  /** Asked before anything is written. */
  readonly confirm: (report: ImportReport) => Promise<boolean>;
  /** Told of every row that does not fit, in their order, at the end. */
  readonly onRefused?: (rows: readonly RefusedRow[]) => Promise<void>;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly signal: AbortSignal;
  /** Rows a transaction. */
  readonly batchSize?: number;
}

/** What hashes plaintext passwords. */
export interface Hashing {
  hash(password: string): Promise<string>;
  close(): Promise<void>;
}

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
  const { client, configuration, options } = context;
  return options.dryRun
    ? readAndWrite(context)
    : withImportLock(client, configuration, context.signal, () => readAndWrite(context));
}

async function readAndWrite(context: ImportContext): Promise<ImportReport> {
  const { client, options } = context;
  const kind = await kindOf(context);
  const read = await stageFile(context, kind);
  const judgement = await judge(context, read.findings);
  const report = await pendingReport(context, kind, read, judgement.match);
  const done = await decideAndWrite(context, kind, read.findings, judgement, report);
  const refused = await collectRefused(context, judgement.match);
  const outcomes = options.dryRun ? done.outcomes : await countOutcomes(client);
  return { ...done, outcomes, refused };
}

async function withImportLock<Result>(
  client: pg.Client,
  { schema, lock }: Configuration,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = `${schema} import`;
  const timeout = lock.deadlineSeconds * 1_000;
  if (!(await acquireAdvisoryLock(client, name, { timeout, signal }))) {
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

const HEAD = 65_536;

async function kindOf({ open, options }: ImportContext): Promise<FileKind> {
  let head = "";
  for await (const text of decodeText(open())) {
    head += text;
    if (head.length >= HEAD) break;
  }
  return recognise(head.slice(0, HEAD), options.format);
}

interface ReadFile {
  readonly findings: FileFindings;
  readonly tally: HashTally;
}

async function stageFile(context: ImportContext, kind: FileKind): Promise<ReadFile> {
  const { client, table, configuration, options, signal, onProgress, share } = context;
  const rules = rowRules(table, configuration, kind, options);
  const userIdType = findColumn(table.relation, table.mapping.id)?.type ?? table.idType;
  await createStage(client, table.idType, userIdType);
  const [findings, tally] = [noFindings(), new HashTally()];
  const source = openSource(decodeText(context.open()), kind, options);
  const told = async function* () {
    for await (const rows of checkRows(source, rules, findings, tally, signal)) {
      yield rows;
      onProgress({ phase: "reading", rows: findings.rows, share: share() });
    }
  };
  await stageRows(client, told(), configuration.registration.generateId);
  return { findings, tally };
}

async function judge(context: ImportContext, findings: FileFindings): Promise<Judgement> {
  const { client, table, configuration, options, onProgress } = context;
  onProgress({ phase: "deciding", rows: findings.rows, share: null });
  const match = chooseMatch(findings, options.match);
  const judgement: Judgement = {
    ...options,
    table,
    match,
    has: findings.has,
    required: requiredParts(table, configuration),
  };
  await client.query(judgeSql(judgement));
  await client.query(`ANALYZE ${VERDICTS}`);
  for (const statement of refusalSql(judgement)) await client.query(statement);
  return judgement;
}

const PARTS = ["id", "username", "email", "display_name", "password_hash"] as const;

function requiredParts(table: UsersTable, { registration }: Configuration): Judgement["required"] {
  const required = requiredColumns(table.relation);
  const made = registration.generateId === undefined ? null : table.mapping.id;
  return new Set(
    PARTS.filter((part) => {
      const name = table.mapping[part];
      return name !== null && required.includes(name) && name !== made;
    }),
  );
}

const SHOWN = 20;
const MOST_REPORTED = 100_000;

async function pendingReport(
  { client, configuration, options }: ImportContext,
  kind: FileKind,
  { findings, tally }: ReadFile,
  match: Match,
): Promise<ImportReport> {
  const { legacy } = configuration.passwords;
  const hashes = tally.counts();
  const key = options.firebase?.signerKey;
  const usesKey = key !== undefined && hashes.some(({ format }) => format === "firebase-scrypt");
  const lacksKey = usesKey && legacy.firebaseSignerKey !== key;
  const lacksPepper = options.pepper !== null && legacy.pepper !== options.pepper;
  const { value: first } = await readRefused(client, match, SHOWN).next();
  return {
    state: "pending",
    format: describeKind(kind),
    match,
    rows: findings.rows,
    outcomes: await countOutcomes(client),
    written: noOutcomes(),
    hashes,
    plain_passwords: findings.plainPasswords,
    refused: first ?? [],
    needs: [
      ...(lacksKey ? ["passwords.legacy.firebaseSignerKey"] : []),
      ...(lacksPepper ? ["passwords.legacy.pepper"] : []),
    ],
    notes: notesOnLeftOut(findings.leftOut),
  };
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
  const passwords = new PlainPasswords(rows, (password) => hashing.hash(password));
  const close = async () => {
    await passwords.close();
    await hashing.close();
  };
  return { passwords, close };
}

/** @throws ConfigurationError `configuration_invalid` where a column that must have a value gets none. */
function assertRowsCanBeMade(
  { relation, mapping }: UsersTable,
  { registration }: Configuration,
  findings: FileFindings,
): void {
  const parts = PARTS.map((part) => mapping[part]).filter((name) => name !== null);
  const created = findings.has.has("created_at") ? [mapping.created_at] : [];
  const filled = new Set<string | null>([
    ...parts,
    ...created,
    ...fixedValues({ relation, mapping } as UsersTable, registration.values).keys(),
  ]);
  const unfilled = requiredColumns(relation).filter((name) => !filled.has(name));
  if (unfilled.length === 0) return;
  throw new ConfigurationError(
    "configuration_invalid",
    `No row can be made: ${unfilled.map((name) => `"${name}"`).join(", ")} must have a value and gets none.`,
    {
      fix: "Set registration.values in the configuration, or leave out who is not there yet: --existing-only.",
    },
  );
}

async function collectRefused(
  { client, onRefused }: ImportContext,
  match: Match,
): Promise<readonly RefusedRow[]> {
  const all: RefusedRow[] = [];
  for await (const rows of readRefused(client, match)) {
    await onRefused?.(rows);
    if (all.length < MOST_REPORTED) all.push(...rows);
  }
  return all;
}
