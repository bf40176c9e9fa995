import { fileInvalid } from "./file-invalid.ts";
import { readLines } from "./lines.ts";
import {
  faultOfBytes,
  isFault,
  LONGEST_ROW,
  type ReadRecord,
  type SourceRow,
  type SourceRows,
  TOO_LONG,
} from "./source-row.ts";

/**
 * The rows of one table in a plain dump of pg_dump, which stand behind `COPY … FROM stdin`.
 *
 * @param table its name, with or without its schema.
 * @throws MigrationError `import_invalid` where the dump has no such rows.
 * @see https://www.postgresql.org/docs/current/sql-copy.html (Text Format)
 */
export async function* readCopiedRows(
  text: AsyncIterable<string>,
  table: string,
  read: ReadRecord,
): SourceRows {
  let columns: readonly string[] | null = null;
  let [row, found, copying] = [0, false, false];
  for await (const lines of readLines(text, LONGEST_ROW)) {
    const rows: SourceRow[] = [];
    for (const { text: line, tooLong } of lines) {
      if (!copying) {
        const copy = COPY.exec(line);
        copying = copy !== null;
        columns = copy !== null && isTable(copy[1] ?? "", table) ? namesIn(copy[2] ?? "") : null;
        found ||= columns !== null;
      } else if (line === "\\.") [copying, columns] = [false, null];
      else if (columns !== null) {
        row += 1;
        rows.push(tooLong ? { row, values: {}, fault: TOO_LONG } : rowOfLine(row, line, columns, read));
      }
    }
    yield rows;
  }
  if (copying && columns !== null) throw cutOff();
  if (!found) throw noRows(table);
}

const COPY = /^COPY ((?:(?:"(?:[^"]|"")+"|[\w$]+)\.)?(?:"(?:[^"]|"")+"|[\w$]+)) \((.*)\) FROM stdin;\r?$/;

function isTable(written: string, table: string): boolean {
  const plain = written.replaceAll('"', "");
  return plain === table || plain.endsWith(`.${table}`);
}

function namesIn(list: string): string[] {
  return [...list.matchAll(/"((?:[^"]|"")+)"|[\w$]+/g)].map(([word, quoted]) =>
    quoted === undefined ? word : quoted.replaceAll('""', '"'),
  );
}

function rowOfLine(row: number, line: string, columns: readonly string[], read: ReadRecord): SourceRow {
  const fields = line.split("\t");
  if (fields.length !== columns.length) {
    const reason = `It has ${fields.length} fields, and the dump names ${columns.length} columns.`;
    return { row, values: {}, fault: { field: "row", reason } };
  }
  const fault = faultOfBytes(line);
  if (fault !== null) return { row, values: {}, fault };
  const record: Record<string, string | null> = Object.create(null);
  for (const [place, name] of columns.entries()) record[name] = plainText(fields[place] ?? "");
  const values = read(record);
  return isFault(values) ? { row, values: {}, fault: values } : { row, values, fault: null };
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function plainText(field: string): string | null {
  if (field === "\\N") return null;
  if (!field.includes("\\")) return field;
  return field.replaceAll(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);
}

function cutOff(): Error {
  return fileInvalid("The dump ends among the rows of the table: it was cut off.", "Make the dump again.");
}

function noRows(table: string): Error {
  return fileInvalid(
    `The dump has no rows of ${table} behind COPY … FROM stdin.`,
    "Name the table with --source-table, and make the dump with pg_dump --format=plain, without --inserts.",
  );
}
