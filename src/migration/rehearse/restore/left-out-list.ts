import { sqlState } from "../../../postgres/sqlstate.ts";
import type { LeftOut } from "../rehearsal.ts";
import type { Subject } from "./statement-subject.ts";

/** What could not be had, all of it, each once, with the first reason there was: a gate decides on it. */
export class LeftOutList {
  readonly #entries = new Map<string, LeftOut>();

  add({ kind, name }: Subject, reason: string): void {
    const key = `${kind} ${name}`;
    if (this.#entries.has(key)) return;
    this.#entries.set(key, { kind, name, reason });
  }

  list(): readonly LeftOut[] {
    return [...this.#entries.values()];
  }
}

/** What PostgreSQL said, without the value it may quote: that may be a password's hash. */
export function reasonOf(error: Error): string {
  // Class 22, data exceptions, puts the value behind the last colon.
  return sqlState(error)?.startsWith("22") ? error.message.replace(/: ".*$/s, "") : error.message;
}
