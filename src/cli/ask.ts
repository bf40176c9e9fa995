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
 * @throws MigrationError `interrupted` on Ctrl-C, or when the signal says stop.
 */
export async function ask(question: string, { input, output, signal }: AskOptions): Promise<boolean> {
  const reader = createInterface({ input, output });
  const stop = new AbortController();
  // The reader takes Ctrl-C for itself while a question stands.
  reader.once("SIGINT", () => stop.abort());
  const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
  try {
    const stopped = AbortSignal.any([signal, stop.signal]);
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal: stopped }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    output.write("\n");
    throw interrupted();
  } finally {
    reader.close();
  }
}
