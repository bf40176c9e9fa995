import { MigrationError } from "../../../errors.ts";

/** Where in the text of a dump something stands; both counted from 1, for people. */
export interface Place {
  readonly line: number;
  readonly byte: number;
}

const MAKE_ANEW = "Make the dump anew, and copy it whole: compare sizes or checksums on both sides.";

/** The error of a dump that cannot be used. */
export function dumpInvalid(message: string, fix: string = MAKE_ANEW, cause?: unknown): MigrationError {
  return new MigrationError("dump_invalid", message, { fix, ...(cause === undefined ? {} : { cause }) });
}

/** `line 12 (byte 340)`. */
export function describePlace(place: Place): string {
  return `line ${place.line.toLocaleString("en")} (byte ${place.byte.toLocaleString("en")})`;
}

/** The error of whoever stopped a restore. */
export function restoreInterrupted(): MigrationError {
  return new MigrationError(
    "interrupted",
    "The restore was interrupted; the dump's source was not touched.",
    {
      fix: "It is safe to run the same command again.",
    },
  );
}
