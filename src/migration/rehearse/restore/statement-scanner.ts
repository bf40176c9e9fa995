/** What a scan came to; positions count from the first byte of the statement. */
export type ScanResult =
  /** The bytes end inside the statement. */
  | { readonly found: "nothing" }
  /** A semicolon ends it; `end` is behind that. */
  | { readonly found: "end"; readonly end: number }
  /** A backslash outside of quotes: SQL has none, it is a command to psql. */
  | { readonly found: "backslash"; readonly at: number };

type Mode = "plain" | "string" | "escapes" | "name" | "dollar" | "line comment" | "block comment";

const NOTHING: ScanResult = { found: "nothing" };

const code = (character: string) => character.charCodeAt(0);
const QUOTE = code("'");
const DOUBLE = code('"');
const DOLLAR = code("$");
const DASH = code("-");
const SLASH = code("/");
const STAR = code("*");
const OPEN = code("(");
const CLOSE = code(")");
const SEMICOLON = code(";");
const BACKSLASH = code("\\");
const NEWLINE = 10;

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
const isDigit = (byte: number) => byte >= 48 && byte <= 57;
const isLetter = (byte: number) =>
  (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || byte === 95 || byte >= 128;
const isWordPart = (byte: number) => isLetter(byte) || isDigit(byte) || byte === DOLLAR;

/**
 * Finds where a statement ends, by the lexical rules of PostgreSQL and without understanding it. Goes on where it
 * stopped when more bytes are there, so that a statement is looked through once.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export class StatementScanner {
  #at = 0;
  #mode: Mode = "plain";
  #parentheses = 0;
  /** How many BEGIN ATOMIC and CASE of a routine's body are open. */
  #blocks = 0;
  #comments = 0;
  #tag = Buffer.alloc(0);
  /** The first words, as far as they tell whether a routine is made. */
  #opening: string[] = [];
  #lastWord = "";
  #mayMakeRoutine = true;
  #empty = true;
  /** Whether a string constant that goes on in the next line would have backslash escapes. */
  #continues: "no" | "on this line" | "on the next" = "no";
  readonly #standardStrings: boolean;

  /** @param standardStrings as `standard_conforming_strings` stands: whether '…' takes a backslash as it is. */
  constructor(standardStrings: boolean) {
    this.#standardStrings = standardStrings;
  }

  /** Whether nothing but space and comments was seen. */
  get isEmpty(): boolean {
    return this.#empty;
  }

  /** What is open, for a message: `a string constant`. */
  get inside(): string {
    if (this.#mode === "string" || this.#mode === "escapes") return "a string constant";
    if (this.#mode === "dollar") return "a dollar-quoted text";
    if (this.#mode === "name") return "a quoted name";
    return this.#mode === "block comment" ? "a comment" : "a statement";
  }

  /** `bytes` begins with the statement and holds all that was given before. */
  scan(bytes: Buffer, atEnd: boolean): ScanResult {
    while (this.#at < bytes.length) {
      const result = this.#step(bytes, atEnd);
      if (result !== undefined) return result;
    }
    return NOTHING;
  }

  #step(bytes: Buffer, atEnd: boolean): ScanResult | undefined {
    switch (this.#mode) {
      case "plain":
        return this.#plain(bytes, atEnd);
      case "string":
        return this.#quoted(bytes, atEnd, QUOTE, false);
      case "escapes":
        return this.#quoted(bytes, atEnd, QUOTE, true);
      case "name":
        return this.#quoted(bytes, atEnd, DOUBLE, false);
      case "dollar":
        return this.#upTo(bytes, this.#tag, atEnd);
      case "line comment":
        return this.#lineComment(bytes);
      case "block comment":
        return this.#blockComment(bytes, atEnd);
    }
  }

  #plain(bytes: Buffer, atEnd: boolean): ScanResult | undefined {
    const byte = bytes[this.#at] ?? 0;
    if (isSpace(byte)) return this.#space(byte);
    const next = bytes[this.#at + 1];
    const needsNext = byte === DASH || byte === SLASH;
    if (needsNext && next === undefined && !atEnd) return NOTHING;
    if (byte === DASH && next === DASH) return this.#enter("line comment", 2);
    if (byte === SLASH && next === STAR) {
      this.#comments = 1;
      return this.#enter("block comment", 2);
    }
    if (byte === BACKSLASH) return { found: "backslash", at: this.#at };
    return this.#token(bytes, byte, atEnd);
  }

  #token(bytes: Buffer, byte: number, atEnd: boolean): ScanResult | undefined {
    const continues = this.#continues === "on the next";
    if (isLetter(byte) || isDigit(byte)) return this.#word(bytes, atEnd);
    if (byte === DOLLAR) return this.#dollar(bytes, atEnd);
    this.#empty = this.#empty && byte === SEMICOLON;
    this.#continues = "no";
    if (byte === QUOTE) return this.#enter(continues || !this.#standardStrings ? "escapes" : "string", 1);
    if (byte === DOUBLE) return this.#enter("name", 1);
    this.#at++;
    if (byte === OPEN) this.#parentheses++;
    if (byte === CLOSE) this.#parentheses = Math.max(0, this.#parentheses - 1);
    if (byte !== SEMICOLON || this.#parentheses > 0 || this.#blocks > 0) return undefined;
    return { found: "end", end: this.#at };
  }

  #enter(mode: Mode, length: number): undefined {
    this.#mode = mode;
    this.#at += length;
  }

  #space(byte: number): undefined {
    if (byte === NEWLINE && this.#continues === "on this line") this.#continues = "on the next";
    this.#at++;
  }

  #word(bytes: Buffer, atEnd: boolean): ScanResult | undefined {
    let end = this.#at + 1;
    while (end < bytes.length && isWordPart(bytes[end] ?? 0)) end++;
    if (end === bytes.length && !atEnd) return NOTHING;
    this.#empty = false;
    this.#continues = "no";
    const prefix = end - this.#at === 1 && bytes[end] === QUOTE ? (bytes[this.#at] ?? 0) | 32 : 0;
    if (prefix === code("e")) return this.#enter("escapes", 2);
    if (this.#mayMakeRoutine) {
      // Longer words are none of those that count.
      this.#noteWord(end - this.#at > 9 ? "" : bytes.toString("latin1", this.#at, end).toLowerCase());
    }
    this.#at = end;
    return undefined;
  }

  /** Follows the body of CREATE FUNCTION … BEGIN ATOMIC … END, whose statements end with semicolons of their own. */
  #noteWord(word: string): void {
    if (this.#opening.length < 4) this.#opening.push(word);
    const previous = this.#lastWord;
    this.#lastWord = word;
    const makesRoutine = this.#makesRoutine();
    this.#mayMakeRoutine = makesRoutine || (this.#opening[0] === "create" && this.#opening.length < 4);
    if (this.#parentheses > 0 || !makesRoutine) return;
    if (this.#blocks === 0) this.#blocks = previous === "begin" && word === "atomic" ? 1 : 0;
    else if (word === "case") this.#blocks++;
    else if (word === "end") this.#blocks--;
  }

  #makesRoutine(): boolean {
    const [first, second, third, fourth] = this.#opening;
    if (first !== "create") return false;
    const kind = second === "or" && third === "replace" ? fourth : second;
    return kind === "function" || kind === "procedure";
  }

  /** `$tag$`, or a parameter's `$1`. */
  #dollar(bytes: Buffer, atEnd: boolean): ScanResult | undefined {
    let end = this.#at + 1;
    while (end < bytes.length && bytes[end] !== DOLLAR && isWordPart(bytes[end] ?? 0)) end++;
    if (end === bytes.length && !atEnd) return NOTHING;
    this.#empty = false;
    this.#continues = "no";
    const opens = bytes[end] === DOLLAR && !isDigit(bytes[this.#at + 1] ?? 0);
    if (!opens) return this.#enter("plain", 1);
    this.#tag = Buffer.from(bytes.subarray(this.#at, end + 1));
    return this.#enter("dollar", this.#tag.length);
  }

  #quoted(bytes: Buffer, atEnd: boolean, quote: number, escapes: boolean): ScanResult | undefined {
    const at = escapes ? nextOf(bytes, this.#at, quote, BACKSLASH) : bytes.indexOf(quote, this.#at);
    if (at === -1) return this.#enter(this.#mode, bytes.length - this.#at);
    this.#at = at;
    if (at + 1 === bytes.length && !atEnd) return NOTHING;
    const doubled = bytes[at] === BACKSLASH || bytes[at + 1] === quote;
    if (doubled) return this.#enter(this.#mode, Math.min(2, bytes.length - at));
    this.#continues = escapes ? "on this line" : "no";
    return this.#enter("plain", 1);
  }

  #upTo(bytes: Buffer, end: Buffer, atEnd: boolean): ScanResult | undefined {
    const at = bytes.indexOf(end, this.#at);
    if (at !== -1) return this.#enter("plain", at + end.length - this.#at);
    const safe = atEnd ? bytes.length : Math.max(this.#at, bytes.length - end.length + 1);
    this.#at = safe;
    return NOTHING;
  }

  #lineComment(bytes: Buffer): undefined {
    const at = bytes.indexOf(NEWLINE, this.#at);
    if (at === -1) return this.#enter("line comment", bytes.length - this.#at);
    return this.#enter("plain", at - this.#at);
  }

  #blockComment(bytes: Buffer, atEnd: boolean): ScanResult | undefined {
    const at = nextOf(bytes, this.#at, STAR, SLASH);
    if (at === -1) return this.#enter("block comment", bytes.length - this.#at);
    this.#at = at;
    if (at + 1 === bytes.length && !atEnd) return NOTHING;
    const pair = bytes[at] === STAR ? bytes[at + 1] === SLASH : bytes[at + 1] === STAR;
    if (!pair) return this.#enter("block comment", 1);
    this.#comments += bytes[at] === STAR ? -1 : 1;
    return this.#enter(this.#comments === 0 ? "plain" : "block comment", 2);
  }
}

/** The first place of either byte. */
function nextOf(bytes: Buffer, from: number, one: number, other: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === one || bytes[at] === other) return at;
  }
  return -1;
}
