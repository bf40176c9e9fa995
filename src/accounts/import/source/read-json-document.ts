import { Tokenizer, TokenParser, TokenType } from "@streamparser/json";
import { fileInvalid } from "./file-invalid.ts";
import { rowOfValue } from "./read-json-lines.ts";
import {
  faultOfBytes,
  LONGEST_ROW,
  type ReadRecord,
  type SourceRow,
  type SourceRows,
  TOO_LONG,
} from "./source-row.ts";

/** No export nests deeper; each level costs memory. */
const DEEPEST = 64;

/** One element is held in memory whole, and so is what stands before the list. */
const LONGEST_ELEMENT = 1024 * 1024;
const LONGEST_PREFACE = 64 * 1024 * 1024;

/**
 * The elements of a list in a JSON document, read as they come: of the document itself (`$.*`), or of its
 * member `users` (`$.users.*`).
 *
 * @throws MigrationError `import_invalid` where it is no JSON, or has no such list.
 */
export async function* readJsonDocument(
  text: AsyncIterable<string>,
  path: "$.*" | "$.users.*",
  read: ReadRecord,
): SourceRows {
  const elements = createElements(path);
  let row = 0;
  for await (const chunk of text) {
    const rows: SourceRow[] = [];
    for (const value of elements.take(chunk)) {
      row += 1;
      rows.push(rowOfElement(row, value, read));
    }
    yield rows;
  }
  elements.end();
}

function rowOfElement(row: number, { value, mayBeLong, suspect }: Element, read: ReadRecord): SourceRow {
  const text = mayBeLong || suspect ? JSON.stringify(value) : "";
  // JSON writes NUL as an escape, which is found where the value is checked.
  const fault = text.length > LONGEST_ROW ? TOO_LONG : faultOfBytes(text);
  return fault === null ? rowOfValue(row, value, read) : { row, values: {}, fault };
}

interface Element {
  readonly value: unknown;
  readonly mayBeLong: boolean;
  readonly suspect: boolean;
}

function createElements(path: string) {
  const tokenizer = new Tokenizer();
  const parser = new TokenParser({ paths: [path], keepStack: false });
  let found: unknown[] = [];
  let [depth, sinceLast, any] = [0, 0, false];
  tokenizer.onToken = (token) => {
    if (token.token === TokenType.LEFT_BRACE || token.token === TokenType.LEFT_BRACKET) depth += 1;
    else if (token.token === TokenType.RIGHT_BRACE || token.token === TokenType.RIGHT_BRACKET) depth -= 1;
    if (depth > DEEPEST) throw new RangeError("too deep");
    parser.write(token);
  };
  parser.onValue = ({ value }) => void found.push(value);
  parser.onError = (error) => {
    throw error;
  };
  tokenizer.onError = (error) => {
    throw error;
  };
  return {
    take(chunk: string): Element[] {
      guard(() => tokenizer.write(chunk));
      const mayBeLong = sinceLast + chunk.length > LONGEST_ROW;
      const suspect = faultOfBytes(chunk) !== null || sinceLast > 0;
      const elements = found.map((value) => ({ value, mayBeLong, suspect }));
      found = [];
      any ||= elements.length > 0;
      sinceLast = elements.length > 0 ? 0 : sinceLast + chunk.length;
      if (sinceLast > (any ? LONGEST_ELEMENT : LONGEST_PREFACE)) throw noList();
      return elements;
    },
    end() {
      if (!parser.isEnded) throw noJson();
    },
  };
}

/** What a parser says about its input repeats it. */
function guard(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : noJson();
  }
}

function noJson(): Error {
  return fileInvalid(
    "The file is no whole JSON document: it breaks off, or something in it is not JSON.",
    "Export it again, and check it with another program, such as jq.",
  );
}

function noList(): Error {
  return fileInvalid(
    "The users are not found where they should be, or one of them is longer than 1 MB.",
    "Give the file as it was exported.",
  );
}

function tooDeep(): Error {
  return fileInvalid(
    `Something in the file is nested more than ${DEEPEST} levels deep.`,
    "Give the file as it was exported.",
  );
}
