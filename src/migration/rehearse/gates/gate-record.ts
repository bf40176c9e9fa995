import { AuthgraftError, MigrationError } from "../../../errors.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Gate, GateId } from "../rehearsal.ts";
import { failed, type Outcome } from "./outcome.ts";
import { saidBy } from "./said.ts";

/** Every gate, in the order in which it is told; its title for a person. */
export const GATES: Readonly<Record<GateId, string>> = {
  restore: "The source can be restored",
  up_on_fresh: "Up works on a fresh database",
  up_on_copy: "Up works on the data",
  rows_unchanged: "Every old value of every row is unchanged",
  old_queries: "The old application's queries go on working",
  lock_budget: "No query waits longer than the lock budget",
  down_restores: "Down gives the schema back as it was",
  up_again: "Up again comes to the same",
};

/** What is done for each gate, told as it begins. */
const BEGINNINGS: Readonly<Record<GateId, string>> = {
  restore: "restoring the source",
  up_on_fresh: "up on a fresh database",
  up_on_copy: "up on the data",
  rows_unchanged: "comparing every old value, and taking the graft out again",
  old_queries: "trying the old application's queries before and after",
  lock_budget: "up and down under traffic, with a report open",
  down_restores: "comparing the schema with what it was",
  up_again: "up once more",
};

/** What a gate came to, for those that build on it: its value, or the gate because of which there is none. */
export type Reached<Value> = { readonly value: Value } | { readonly value: null; readonly because: GateId };

/** Runs gates one after another and keeps how each went. */
export class GateRecord {
  readonly gates: Gate[] = [];
  readonly #onProgress: (line: string) => void;
  readonly #onGate: (gate: Gate) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    onProgress: (line: string) => void,
    onGate: (gate: Gate) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#onProgress = onProgress;
    this.#onGate = onGate;
    this.#signal = signal;
  }

  /** Runs a gate; what it throws is its failure, except an interruption. */
  async run<Value>(id: GateId, work: () => Promise<Outcome<Value>>): Promise<Reached<Value>> {
    this.throwIfInterrupted();
    this.#onProgress(BEGINNINGS[id]);
    const began = performance.now();
    const { passed, detail, evidence, value } = await work().catch((error: unknown) => this.#thrown(error));
    this.throwIfInterrupted();
    this.#keep({ id, passed, detail, evidence, seconds: round((performance.now() - began) / 1_000) });
    return value === null ? { value: null, because: id } : { value };
  }

  /** Runs a gate that builds on another, where that came so far. */
  async after<Before, Value>(
    before: Reached<Before>,
    id: GateId,
    work: (value: Before) => Promise<Outcome<Value>>,
  ): Promise<Reached<Value>> {
    const { value } = before;
    if (value !== null) return this.run(id, () => work(value));
    const { because } = before as { readonly because: GateId };
    const detail = `not reached: the gate "${GATES[because]}" (${because}) did not pass`;
    this.#keep({ id, passed: false, detail, evidence: {}, seconds: 0 });
    return { value: null, because };
  }

  /** @throws MigrationError `interrupted` when the rehearsal was told to stop. */
  throwIfInterrupted(): void {
    if (!this.#signal?.aborted) return;
    throw new MigrationError("interrupted", "Interrupted; the databases of the rehearsal are taken away.", {
      fix: "It is safe to run the same command again.",
    });
  }

  #thrown(error: unknown): Outcome<never> {
    this.throwIfInterrupted();
    return failed(explain(error));
  }

  #keep(gate: Omit<Gate, "title">): void {
    const whole: Gate = { ...gate, title: GATES[gate.id] };
    this.gates.push(whole);
    this.#onGate(whole);
  }
}

/** An error in words, as `saidBy` has PostgreSQL's, and what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof AuthgraftError))
    return sqlState(error) === undefined ? error.message : `PostgreSQL said: ${saidBy(error)}`;
  const { cause, fix } = error;
  const told =
    cause instanceof Error && sqlState(cause) !== undefined
      ? error.message.replaceAll(cause.message, saidBy(cause))
      : error.message;
  return fix === undefined ? told : `${told} ${fix}`;
}

/** Thousandths are enough. */
export function round(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
