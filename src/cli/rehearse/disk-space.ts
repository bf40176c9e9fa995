import { DatabaseError } from "../../errors.ts";

/** PostgreSQL's `disk_full`. See https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DISK_FULL = "53100";

/** The system's words, and PostgreSQL's own where the system has written a part. */
const WORDS = /no space left on device|wrote only \d+ of \d+ bytes|check free disk space/i;

/** Says in words that there was no room, where that is what an error means; any other error is left as it is. */
export function explainDiskSpace(error: unknown, place: string): unknown {
  if (!meansNoSpace(error)) return error;
  return new DatabaseError(
    "embedded_postgres_failed",
    `There is no space left for the rehearsal in ${place}.`,
    {
      fix: "Make room there, name another place with TMPDIR, or rehearse with fewer rows.",
      cause: error,
    },
  );
}

function meansNoSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && (error.code === "ENOSPC" || error.code === DISK_FULL)) return true;
  return WORDS.test(error.message) || meansNoSpace(error.cause);
}
