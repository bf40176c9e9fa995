import { readLines } from "./lines.ts";
import {
  type Fault,
  faultOfBytes,
  isFault,
  isRecord,
  LONGEST_ROW,
  type ReadRecord,
  type SourceRow,
  type SourceRows,
  TOO_LONG,
} from "./source-row.ts";

/** JSON Lines: one object a line; empty lines are left out. */
export async function* readJsonLines(text: AsyncIterable<string>, read: ReadRecord): SourceRows {
  let row = 0;
  for await (const lines of readLines(text, LONGEST_ROW)) {
    const rows: SourceRow[] = [];
    for (const { text: line, tooLong } of lines) {
      row += 1;
      if (tooLong) rows.push({ row, values: {}, fault: TOO_LONG });
      else if (line.trim() !== "") rows.push(rowOfLine(row, line, read));
    }
    yield rows;
  }
}

const NO_JSON: Fault = { field: "row", reason: "The line is not a JSON object." };

function rowOfLine(row: number, line: string, read: ReadRecord): SourceRow {
  const fault = faultOfBytes(line);
  if (fault !== null) return { row, values: {}, fault };
  try {
    return rowOfValue(row, JSON.parse(line), read);
  } catch (error) {
    // What a parser says about its input repeats it.
    if (error instanceof SyntaxError) return { row, values: {}, fault: NO_JSON };
    throw error;
  }
}

/** The row that a JSON value is. */
export function rowOfValue(row: number, value: unknown, read: ReadRecord): SourceRow {
  if (!isRecord(value)) return { row, values: {}, fault: NO_JSON };
  const found = read(value);
  return isFault(found) ? { row, values: {}, fault: found } : { row, values: found, fault: null };
}
