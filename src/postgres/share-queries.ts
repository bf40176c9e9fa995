import { DatabaseError } from "../errors.ts";

/** How questions are gathered. */
export interface SharingOptions {
  /** Questions asked at once at the most. */
  readonly most: number;
  /** Askings at the same time at the most. */
  readonly atOnce: number;
  /** Milliseconds after which whoever asked is told that the database does not answer, asked by then or not. */
  readonly timeout: number;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly since: number;
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
  let isWatching = false;
  const send = async (batch: readonly Waiting<Question, Answer>[]) => {
    const questions = batch.map(({ question }) => question);
    try {
      const left = timeout - (performance.now() - (batch[0]?.since ?? 0));
      const answers = await within(Math.max(1, left), (signal) => ask(questions, signal));
      for (const [index, one] of batch.entries()) one.resolve(answers[index] as Answer);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
    asking -= 1;
    next();
  };
  const next = () => {
    while (waiting.length > 0 && asking < atOnce) {
      asking += 1;
      void send(waiting.splice(0, most));
    }
  };
  // One timer for all who wait: the first of them is the first whose time is over.
  const watch = (milliseconds: number) => {
    isWatching = true;
    setTimeout(giveUp, milliseconds).unref();
  };
  const giveUp = () => {
    isWatching = false;
    const over = performance.now() - timeout;
    while ((waiting[0]?.since ?? Number.POSITIVE_INFINITY) <= over) waiting.shift()?.reject(unanswered());
    if (waiting[0] !== undefined) watch(Math.ceil(waiting[0].since - over));
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, since: performance.now(), resolve, reject });
      if (!isWatching) watch(timeout);
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
      reject(unanswered());
      controller.abort();
    }, milliseconds);
  });
  return Promise.race([work(controller.signal), late]).finally(() => clearTimeout(timer));
}

function unanswered(): DatabaseError {
  return new DatabaseError("database_unreachable", "The database does not answer just now.");
}
