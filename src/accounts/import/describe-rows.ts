import type { ImportContext } from "./import-context.ts";
import { type ImportReport, noOutcomes, type RefusedRow } from "./import-report.ts";
import type { Judgement } from "./judge-sql.ts";
import type { Match } from "./matching.ts";
import { notesOnRows } from "./notes.ts";
import { countOutcomes, readRefused } from "./read-verdicts.ts";
import { describeKind, type FileKind } from "./recognise.ts";
import type { ReadFile } from "./stage-file.ts";

const SHOWN = 20;
const MOST_REPORTED = 100_000;

/** What the file comes to, before anything is written. */
export async function pendingReport(
  { client, configuration, options }: ImportContext,
  kind: FileKind,
  { findings, tally }: ReadFile,
  judgement: Judgement,
): Promise<ImportReport> {
  const { match } = judgement;
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
    notes: await notesOnRows(client, findings, tally, judgement, options),
  };
}

/** Tells every row that does not fit, and gives back the first of them. */
export async function collectRefused(
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
