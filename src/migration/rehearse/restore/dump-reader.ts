import { ByteWindow } from "./byte-window.ts";
import { describePlace, dumpInvalid, type Place } from "./dump-error.ts";
import { type ScanResult, StatementScanner } from "./statement-scanner.ts";

/** One thing of a dump, in its order. */
export type DumpItem =
  | { readonly kind: "statement"; readonly text: string; readonly place: Place }
  /** A comment of its own line, `-- ` and all. */
  | { readonly kind: "comment"; readonly text: string; readonly place: Place }
  /** A command to psql, with its backslash. */
  | { readonly kind: "command"; readonly text: string; readonly place: Place };

/** What would be taken into memory as one statement at most: past that, no dump means it. */
const LONGEST_STATEMENT = 2 ** 28;

/** The same of a comment, or of a command to psql: pg_dump's are as long as a name is. */
const LONGEST_LINE = 2 ** 20;

const NEWLINE = 10;
const BACKSLASH = 92;
const END_OF_DATA = Buffer.from("\\.");

/**
 * Reads plain SQL as pg_dump writes it: statements, comments and psql's commands one after another, and the data
 * that follows a COPY. Asks for more bytes only when it needs them.
 *
 * @throws MigrationError `dump_invalid`, where the bytes end inside something.
 */
export class DumpReader {
  /** As the dump has set them for what follows. */
  standardStrings = true;
  decoder = new TextDecoder("utf-8", { fatal: true });

  readonly #source: AsyncIterator<Uint8Array>;
  readonly #window = new ByteWindow();
  #ended = false;
  #line = 1;
  #offset = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  get place(): Place {
    return { line: this.#line, byte: this.#offset + 1 };
  }

  /** Ends the source without reading on. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** The next item; undefined at the end. */
  async next(): Promise<DumpItem | undefined> {
    if (!(await this.#skipSpace())) return undefined;
    const [first, second] = this.#window.bytes;
    if (first === BACKSLASH) return this.#readLine("command");
    if (first === 45 && second === 45) return this.#readLine("comment");
    return this.#readStatement();
  }

  /**
   * The data behind `COPY … FROM stdin;`, without the line that ends it.
   *
   * @param table for the message when the dump ends in it.
   */
  async *copyData(table: string): AsyncGenerator<Buffer, void> {
    await this.#takeLine();
    const began = this.place;
    let lineBegins = true;
    for (;;) {
      const last = this.#ended;
      const { end, ended } = endOfData(this.#window.bytes, lineBegins, last);
      if (end > 0) {
        // The window is overwritten while the connection still sends from it.
        const piece = Buffer.from(this.#window.bytes.subarray(0, end));
        lineBegins = piece.at(-1) === NEWLINE;
        this.#consume(end);
        yield piece;
      }
      if (ended) break;
      if (!(await this.#fill()) && last) throw cutInData(table, began, this.place);
    }
    await this.#takeLine();
  }

  async #readStatement(): Promise<DumpItem | undefined> {
    const place = this.place;
    const scanner = new StatementScanner(this.standardStrings);
    let result: ScanResult = scanner.scan(this.#window.bytes, this.#ended);
    while (result.found === "nothing") {
      if (this.#window.bytes.length > LONGEST_STATEMENT) throw tooLong(place);
      const more = await this.#fill();
      result = scanner.scan(this.#window.bytes, this.#ended);
      if (!more && result.found === "nothing") return this.#endInside(scanner, place);
    }
    if (result.found === "backslash") throw strayCommand(place);
    const text = this.#decode(this.#window.bytes.subarray(0, result.end), place);
    this.#consume(result.end);
    return scanner.isEmpty ? this.next() : { kind: "statement", text, place };
  }

  #endInside(scanner: StatementScanner, place: Place): undefined {
    if (!scanner.isEmpty || scanner.inside !== "a statement") {
      throw dumpInvalid(
        `The dump ends inside ${scanner.inside}, in the statement that begins at ${describePlace(place)}: it was cut off.`,
      );
    }
    this.#consume(this.#window.bytes.length);
  }

  async #readLine(kind: "command" | "comment"): Promise<DumpItem> {
    const place = this.place;
    const line = await this.#takeLine();
    return { kind, text: this.#decode(line, place).trimEnd(), place };
  }

  /** Takes what is left of the line, and the end of the line. */
  async #takeLine(): Promise<Buffer> {
    let at = this.#window.bytes.indexOf(NEWLINE);
    while (at === -1) {
      const searched = this.#window.bytes.length;
      if (searched > LONGEST_LINE) throw lineTooLong(this.place);
      if (!(await this.#fill())) break;
      at = this.#window.bytes.indexOf(NEWLINE, searched);
    }
    const line = Buffer.from(this.#window.bytes.subarray(0, at === -1 ? undefined : at));
    this.#consume(Math.min(line.length + 1, this.#window.bytes.length));
    return line;
  }

  /** Whether something is there, and enough of it to tell what it is. */
  async #skipSpace(): Promise<boolean> {
    for (;;) {
      const { bytes } = this.#window;
      let at = 0;
      while (at < bytes.length && isSpace(bytes[at] ?? 0)) at++;
      this.#consume(at);
      if (this.#window.bytes.length > 1) return true;
      if (!(await this.#fill())) return this.#window.bytes.length > 0;
    }
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const { done, value } = await this.#source.next();
    if (done === true) this.#ended = true;
    else this.#window.append(value);
    return !this.#ended;
  }

  #consume(count: number): void {
    const { bytes } = this.#window;
    let lines = 0;
    for (let at = 0; at < count; at++) if (bytes[at] === NEWLINE) lines++;
    this.#line += lines;
    this.#offset += count;
    this.#window.drop(count);
  }

  #decode(bytes: Buffer, place: Place): string {
    try {
      return this.decoder.decode(bytes);
    } catch (error) {
      throw dumpInvalid(
        `What begins at ${describePlace(place)} is no ${this.decoder.encoding} text, as the dump says it is.`,
        "Make the dump anew with pg_dump --encoding=UTF8.",
        error,
      );
    }
  }
}

/** How far the data goes in these bytes: up to the line `\.`, or so far that this line cannot have begun. */
function endOfData(bytes: Buffer, lineBegins: boolean, last: boolean): { end: number; ended: boolean } {
  let at = bytes.indexOf(END_OF_DATA);
  while (at !== -1) {
    const begins = at === 0 ? lineBegins : bytes[at - 1] === NEWLINE;
    const rest = bytes.toString("latin1", at + 2, at + 4);
    const undecided = rest === "" || rest === "\r";
    if (begins && (rest.startsWith("\n") || rest === "\r\n" || (undecided && last))) {
      return { end: at, ended: true };
    }
    if (begins && undecided) return { end: at, ended: false };
    at = bytes.indexOf(END_OF_DATA, at + 1);
  }
  const lone = bytes.at(-1) === BACKSLASH && (bytes.length === 1 ? lineBegins : bytes.at(-2) === NEWLINE);
  return { end: lone && !last ? bytes.length - 1 : bytes.length, ended: false };
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

function cutInData(table: string, began: Place, place: Place): Error {
  return dumpInvalid(
    `The dump ends among the rows of ${table}, which begin at line ${began.line.toLocaleString("en")}: the line \\. that ends them is missing at ${describePlace(place)}; it was cut off.`,
  );
}

function tooLong(place: Place): Error {
  return dumpInvalid(
    `The statement that begins at ${describePlace(place)} is longer than 256 MB.`,
    "Make the dump without --inserts and --rows-per-insert, so that rows come by COPY.",
  );
}

function lineTooLong(place: Place): Error {
  return dumpInvalid(
    `The line at ${describePlace(place)} is longer than 1 MB, and neither a statement nor rows: pg_dump writes none like it.`,
  );
}

function strayCommand(place: Place): Error {
  return dumpInvalid(
    `A backslash stands outside of quotes in the statement that begins at ${describePlace(place)}: no SQL, but a command to psql.`,
    "Give what pg_dump wrote, as it wrote it.",
  );
}
