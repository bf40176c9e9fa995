import { createInterface } from "node:readline/promises";
import { interrupted } from "./interruptible.ts";

/** Where a question is asked. */
export interface AskOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/**
 * Asks a question that is answered with yes or no. The end of the input is a no.
 *
 * @throws MigrationError `interrupted` when the signal says stop.
 */
export async function ask(question: string, { input, output, signal }: AskOptions): Promise<boolean> {
  // The terminal edits its own line: no escape codes, and Ctrl-C is the signal that it is everywhere else.
  const reader = createInterface({ input, output, terminal: false });
  const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!signal.aborted) throw error;
    output.write("\n");
    throw interrupted();
  } finally {
    reader.close();
  }
}
