import { sqlState } from "../../../postgres/sqlstate.ts";
import type { TrafficError, TrafficRecord } from "./report.ts";

/** Takes down what was sent and what came of it. */
export class Recorder {
  readonly #names: readonly string[];
  readonly #at: number[] = [];
  readonly #latency: number[] = [];
  readonly #statement: number[] = [];
  readonly #errors = new Map<string, TrafficError>();
  #begun = 0;
  #longestDelay = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The moment that all times are counted from. */
  begin(): void {
    this.#begun = performance.now();
  }

  /** A statement that was due at `due` has been answered, with an error or without. */
  sent(statement: number, due: number): void {
    this.#at.push(due - this.#begun);
    this.#latency.push(performance.now() - due);
    this.#statement.push(statement);
  }

  failed(statement: number, error: unknown): void {
    const code = sqlState(error) ?? "connection";
    const name = this.#names[statement] ?? "";
    const key = `${code} ${name}`;
    const message = error instanceof Error ? error.message : String(error);
    const held = this.#errors.get(key) ?? { code, statement: name, count: 0, message };
    this.#errors.set(key, { ...held, count: held.count + 1 });
  }

  /** The generator came this much too late, in milliseconds. */
  late(milliseconds: number): void {
    this.#longestDelay = Math.max(this.#longestDelay, milliseconds);
  }

  record(): TrafficRecord {
    return {
      startedAt: performance.timeOrigin + this.#begun,
      seconds: (performance.now() - this.#begun) / 1_000,
      samples: {
        at: Float64Array.from(this.#at),
        latency: Float64Array.from(this.#latency),
        statement: Uint16Array.from(this.#statement),
      },
      errors: [...this.#errors.values()],
      longestDelay: this.#longestDelay,
    };
  }
}
