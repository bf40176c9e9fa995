import { MigrationError } from "../errors.ts";

/** @throws MigrationError `interrupted`, as soon as the signal says stop; for work that changes nothing. */
export async function interruptible<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(interrupted());
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The error of a person who said stop before anything was changed. */
export function interrupted(): MigrationError {
  return new MigrationError("interrupted", "Interrupted; nothing was changed.", {
    fix: "It is safe to run the same command again.",
  });
}
