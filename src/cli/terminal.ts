import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

/** A style of text on a terminal. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Where the command line speaks to a person: colours, width and questions only where there is a terminal. */
export interface Terminal {
  readonly width: number;
  /** Whether a question can be asked. */
  readonly interactive: boolean;
  style(style: Style, text: string): string;
  /** To standard output: what was asked for. */
  print(text: string): void;
  /** To standard error: progress, errors, questions. */
  note(text: string): void;
  confirm(question: string): Promise<boolean>;
}

const MOST_COLUMNS = 110;

/** The terminal that this process has. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    width: Math.min(stdout.columns || MOST_COLUMNS, MOST_COLUMNS),
    interactive: Boolean(stdin.isTTY && stderr.isTTY),
    style: (style, text) => styleText(style, text, { stream: stdout }),
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    confirm: ask,
  };
}

async function ask(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}

/** Breaks a text into lines of at most `width` characters, each after the first indented. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width - indent.length) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

/** Indents every line of a text. */
export function indentLines(text: string, indent: string): string {
  return text.replaceAll(/^/gm, indent);
}
