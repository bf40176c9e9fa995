import { findColumn } from "../../users-table/relation.ts";
import { HashTally } from "./hash-tally.ts";
import type { ImportContext } from "./import-context.ts";
import { openSource } from "./open-source.ts";
import { checkRows, type FileFindings, noFindings } from "./read-file.ts";
import { type FileKind, recognise } from "./recognise.ts";
import { rowRules } from "./row-rules.ts";
import { decodeText } from "./source/decode-text.ts";
import { createStage, stageRows } from "./stage.ts";

const HEAD = 65_536;

/** What a file is, by the first of it. */
export async function kindOf({ open, options }: ImportContext): Promise<FileKind> {
  let head = "";
  for await (const text of decodeText(open())) {
    head += text;
    if (head.length >= HEAD) break;
  }
  return recognise(head.slice(0, HEAD), options.format);
}

/** What reading a file found. */
export interface ReadFile {
  readonly findings: FileFindings;
  readonly tally: HashTally;
}

/** Reads and checks the whole file into the stage. */
export async function stageFile(context: ImportContext, kind: FileKind): Promise<ReadFile> {
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
