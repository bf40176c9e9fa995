import { DatabaseError } from "../errors.ts";

/** How questions are gathered. */
export interface SharingOptions {
  /** Questions asked at once at the most. */
  readonly most: number;
  /** Askings at the same time at the most. */
  readonly atOnce: number;
  /** Milliseconds after which whoever waits is told that the database does not answer. */
  readonly timeout: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Makes a function that asks one question out of one that asks many at once: those who come while others are being
 * answered go together. No answer is older than its question, for what was sent is joined by nobody.
 *
 * @param ask answers in the order of the questions; `signal` is aborted when nobody waits any more.
 * @returns a function that rejects with what `ask` rejects with, or DatabaseError `database_unreachable` when the
 *   time is over.
 */
export function shareQueries<Question, Answer>(
  ask: (questions: readonly Question[], signal: AbortSignal) => Promise<readonly Answer[]>,
  { most, atOnce, timeout }: SharingOptions,
): (question: Question) => Promise<Answer> {
  const waiting: Waiting<Question, Answer>[] = [];
  let asking = 0;
  const send = async () => {
    const batch = waiting.splice(0, most);
    asking += 1;
    try {
      const answers = await within(timeout, (signal) =>
        ask(
          batch.map(({ question }) => question),
          signal,
        ),
      );
      for (const [index, one] of batch.entries()) one.resolve(answers[index] as Answer);
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      asking -= 1;
      next();
    }
  };
  const next = () => {
    if (waiting.length > 0 && asking < atOnce) void send();
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      // Whatever else arrives in this turn of the event loop goes along.
      if (waiting.length === 1) setImmediate(next);
    });
}

/** @throws DatabaseError `database_unreachable` after so many milliseconds; the work is told by the signal. */
export async function within<Value>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseError("database_unreachable", "The database does not answer just now."));
      controller.abort();
    }, milliseconds);
  });
  return Promise.race([work(controller.signal), late]).finally(() => clearTimeout(timer));
}
