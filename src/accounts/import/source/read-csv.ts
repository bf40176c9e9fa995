import Papa, { type Parser } from "papaparse";
import { fileInvalid } from "./file-invalid.ts";
import { chooseRoles, type HeaderOptions, type Role } from "./roles.ts";
import {
  type Fault,
  faultOfBytes,
  LONGEST_ROW,
  type ReadRecord,
  type SourceRow,
  type SourceRows,
  type SourceValues,
  TOO_LONG,
} from "./source-row.ts";

/** Beyond this a row's quotes have lost their end, and what is in it cannot be told from what comes after. */
const LONGEST_UNREAD = 16 * 1024 * 1024;

/** What the fields of a row say, once the headers are known. */
type ReadFields = (fields: readonly string[]) => SourceValues | Fault;

/** A CSV whose first row has the headers, RFC 4180 with `,`, `;` or a tab between fields. */
export function readCsv(text: AsyncIterable<string>, options: HeaderOptions): SourceRows {
  return readRecords(
    text,
    (first) =>
      byHeaders(
        chooseRoles(
          first.map((header) => header.trim()),
          options,
        ),
      ),
    1,
  );
}

/** A CSV with headers that somebody else's program names, as objects of its fields. */
export function readCsvRecords(text: AsyncIterable<string>, read: ReadRecord): SourceRows {
  return readRecords(text, (headers) => byNames(headers, read), 1);
}

/** A CSV without headers whose columns are known by their place; what stands further right is left out. */
export function readCsvByPlace(text: AsyncIterable<string>, read: ReadFields): SourceRows {
  return readRecords(text, () => read, 0);
}

function byNames(headers: readonly string[], read: ReadRecord): ReadFields {
  return (fields) => {
    if (fields.length !== headers.length) return wrongCount(fields, headers);
    const record: Record<string, string> = Object.create(null);
    for (const [place, name] of headers.entries()) record[name] = fields[place] ?? "";
    return read(record);
  };
}

function wrongCount(fields: readonly unknown[], headers: readonly unknown[]): Fault {
  return { field: "row", reason: `It has ${fields.length} fields, and the header has ${headers.length}.` };
}

function byHeaders(roles: readonly (Role | null)[]): ReadFields {
  return (fields) => {
    if (fields.length !== roles.length) return wrongCount(fields, roles);
    const values: SourceValues = {};
    for (let place = 0; place < roles.length; place++) {
      const [role, value] = [roles[place], fields[place]];
      if (role !== null && role !== undefined && value !== undefined && value !== "") values[role] = value;
    }
    return values;
  };
}

async function* readRecords(
  text: AsyncIterable<string>,
  begin: (first: readonly string[]) => ReadFields,
  headers: 0 | 1,
): AsyncGenerator<readonly SourceRow[], void> {
  let read: ReadFields | null = null;
  let row = 0;
  for await (const { records, faulty, suspect } of parse(text)) {
    const rows: SourceRow[] = [];
    for (let place = 0; place < records.length; place++) {
      const fields = records[place] ?? [];
      row += 1;
      if (fields.length === 1 && fields[0] === "") continue;
      if (read === null) {
        read = begin(fields);
        if (headers === 1) continue;
      }
      const fault = faulty.has(place) ? BAD_QUOTES : suspect ? faultOfBytes(fields.join("")) : null;
      rows.push(sourceRow(row, fields, fault, read));
    }
    yield rows;
  }
  if (read === null) throw fileInvalid("The file is empty.", "Give a file with at least one user in it.");
}

const BAD_QUOTES: Fault = { field: "row", reason: "Its quotes do not fit together." };

function sourceRow(row: number, fields: readonly string[], fault: Fault | null, read: ReadFields): SourceRow {
  if (fault !== null) return { row, values: {}, fault };
  if (isTooLong(fields)) return { row, values: {}, fault: TOO_LONG };
  const found = read(fields);
  return "reason" in found ? { row, values: {}, fault: found } : { row, values: found, fault: null };
}

function isTooLong(fields: readonly string[]): boolean {
  let length = 0;
  for (const field of fields) length += field.length;
  return length > LONGEST_ROW;
}

interface Parsed {
  readonly records: readonly (readonly string[])[];
  /** Which of them have quotes that do not fit. */
  readonly faulty: ReadonlySet<number>;
  /** Whether bytes that are no text, or NUL, are in one of them. */
  readonly suspect: boolean;
}

/** Parses what is there up to the last record that is whole; the rest waits for more. */
async function* parse(text: AsyncIterable<string>): AsyncGenerator<Parsed, void> {
  let rest = "";
  let looked = 0;
  let parser: Parser | null = null;
  for await (const chunk of text) {
    rest += chunk;
    if (parser === null && !/\n|\r(?!$)/.test(rest) && rest.length < LONGEST_ROW) continue;
    // A record that goes on and on is not looked through anew for every bit of it.
    if (rest.length < 2 * looked) continue;
    parser ??= createParser(rest);
    const { parsed, used } = take(parser, rest, true);
    rest = rest.slice(used);
    looked = rest.length > LONGEST_ROW ? rest.length : 0;
    if (rest.length > LONGEST_UNREAD) throw endless();
    yield parsed;
  }
  if (rest === "") return;
  const { parsed, unterminated } = take(parser ?? createParser(rest), rest, false);
  if (unterminated) throw endless();
  yield parsed;
}

function createParser(start: string): Parser {
  const [line = ""] = /^[^\r\n]*/.exec(start) ?? [];
  const newline = /\r\n|\n|\r/.exec(start)?.[0] ?? "\n";
  return new Papa.Parser({ delimiter: delimiterOf(line), newline });
}

function delimiterOf(line: string): string {
  const bare = line.replaceAll(/"(?:[^"]|"")*"/g, "");
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [",", ";", "\t"].reduce((most, one) => (count(one) > count(most) ? one : most));
}

function take(parser: Parser, text: string, more: boolean) {
  const { data, errors, meta } = parser.parse(text, 0, more);
  const faulty = new Set(errors.map(({ row }) => row ?? -1));
  const unterminated = errors.some(({ code }) => code === "MissingQuotes");
  const suspect = faultOfBytes(text) !== null;
  return { parsed: { records: data, faulty, suspect }, used: meta.cursor, unterminated };
}

function endless(): Error {
  return fileInvalid(
    "A quoted field of the file never ends: a quote is missing, or one inside a field is not doubled.",
    'Write a quote inside a field as two: "O""Neill".',
  );
}
