import type { ReadStream, WriteStream } from "node:tty";
import { stripVTControlCharacters, styleText } from "node:util";
import { ask } from "./ask.ts";

/** A style of text on a terminal. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Where the command line speaks to a person: colours, width and questions only where there is a terminal. */
export interface Terminal {
  readonly width: number;
  /** Whether a question can be asked. */
  readonly interactive: boolean;
  /** Whether a line can be redrawn in its place. */
  readonly live: boolean;
  style(style: Style, text: string): string;
  /** To standard output: what was asked for. */
  print(text: string): void;
  /** To standard error: progress, errors, questions. */
  note(text: string): void;
  /** To standard error, on a live terminal only: one line that whatever is written next takes the place of. */
  draw(line: string): void;
  /** @throws MigrationError `interrupted` when the person says stop instead of answering. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
}

/** The streams of a terminal, or what stands where one would be. */
export interface TerminalStreams {
  readonly stdin: NodeJS.ReadableStream & Pick<Partial<ReadStream>, "isTTY">;
  readonly stdout: NodeJS.WritableStream & Pick<Partial<WriteStream>, "isTTY" | "columns">;
  readonly stderr: NodeJS.WritableStream & Pick<Partial<WriteStream>, "isTTY" | "columns">;
}

const MOST_COLUMNS = 110;
const FEWEST_COLUMNS = 40;

/** Moves to the start of the line and clears it. */
const CLEAR_LINE = "\r\u001b[2K";

/** A terminal over these streams; the process's own unless given. */
export function createTerminal(streams: TerminalStreams = process): Terminal {
  const { stdin, stdout, stderr } = streams;
  const columns = stdout.columns || stderr.columns || MOST_COLUMNS;
  const width = Math.max(FEWEST_COLUMNS, Math.min(columns, MOST_COLUMNS));
  // Redrawing takes escape codes, which a dumb terminal has not, and which NO_COLOR asks to leave out.
  const live = Boolean(stderr.isTTY) && takesColours(stderr);
  let drawn = false;
  const write = (stream: TerminalStreams["stdout"], text: string) => {
    if (drawn) stderr.write(CLEAR_LINE);
    drawn = false;
    stream.write(`${takesColours(stream) ? text : stripVTControlCharacters(text)}\n`);
  };
  return {
    width,
    interactive: Boolean(stdin.isTTY && stderr.isTTY),
    live,
    // Which stream a text goes to is known when it is written: one of the two may be no terminal.
    style: (style, text) => styleText(style, text, { validateStream: false }),
    print: (text) => write(stdout, text),
    note: (text) => write(stderr, text),
    draw: (line) => {
      if (!live) return;
      stderr.write(`${CLEAR_LINE}${stripVTControlCharacters(line).slice(0, columns - 1)}`);
      drawn = true;
    },
    confirm: (question, signal) => ask(question, { input: stdin, output: stderr, signal }),
  };
}

/** Whether Node.js would colour what goes to this stream: a terminal, without NO_COLOR, or FORCE_COLOR. */
function takesColours(stream: TerminalStreams["stdout"]): boolean {
  return styleText("bold", "x", { stream, validateStream: true }) !== "x";
}

/** Breaks a text into lines of at most `width` characters, each after the first indented. */
export function wrap(text: string, width: number, indent = ""): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, width - indent.length))
    .join(`\n${indent}`);
}

/** What a line is indented by already, its further lines are too. */
function wrapLine(text: string, room: number): string[] {
  const lead = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = lead;
  for (const word of text.trim().split(/\s+/)) {
    if (line !== lead && line.length + 1 + word.length > room) {
      lines.push(line);
      line = lead;
    }
    line += line === lead ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Indents every line of a text. */
export function indentLines(text: string, indent: string): string {
  return text.replaceAll(/^(?=.)/gm, indent);
}

/** `1 step`, `8 steps`. */
export function plural(count: number, word: string): string {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}
