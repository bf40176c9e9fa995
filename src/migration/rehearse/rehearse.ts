import type { Configuration } from "../../config/schema.ts";
import { displayName } from "../../users-table/find-table.ts";
import { VERSION } from "../version.ts";
import { planHash, schemaFingerprint } from "./fingerprint.ts";
import { downRestoresGate } from "./gates/down-restores.ts";
import { GateRecord, type Reached } from "./gates/gate-record.ts";
import { lockBudgetGate } from "./gates/lock-budget.ts";
import { oldQueriesGate } from "./gates/old-queries.ts";
import { restoreGate } from "./gates/restore.ts";
import type { Restored, Room } from "./gates/room.ts";
import { rowsUnchangedGate } from "./gates/rows-unchanged.ts";
import { ScratchDatabases } from "./gates/scratch-databases.ts";
import { type TakenOut, takeOut } from "./gates/take-out.ts";
import { upAgainGate } from "./gates/up-again.ts";
import { type Grafted, upOnCopyGate } from "./gates/up-on-copy.ts";
import { upOnFreshGate } from "./gates/up-on-fresh.ts";
import type {
  Gate,
  LoadReport,
  RecordedQuery,
  Rehearsal,
  RehearsalSource,
  ScratchServer,
  Timeline,
} from "./rehearsal.ts";

/** What a rehearsal takes. */
export interface RehearseOptions {
  readonly source: RehearsalSource;
  /** Where its databases are made; nothing else there is touched. */
  readonly scratch: ScratchServer;
  readonly configuration: Configuration;
  /** Queries of the old application, beside those that the source has recorded; null where none were given. */
  readonly queries: readonly RecordedQuery[] | null;
  readonly onProgress: (line: string) => void;
  /** Told of each gate as it is known. */
  readonly onGate: (gate: Gate) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What is told beside the gates. */
interface Findings {
  load: LoadReport | null;
  timeline: Timeline | null;
}

/**
 * Rehearses the whole change on copies: up on a fresh database, up on the data, every old value and every old query
 * after it, under traffic, down and up again. It makes databases of its own on the scratch server, under names that
 * nobody else has, and takes them away whatever happens. What fails is a gate that did not pass.
 *
 * @throws MigrationError `interrupted`, when everything is taken away.
 */
export async function rehearse(options: RehearseOptions): Promise<Rehearsal> {
  const { scratch, source, configuration, onProgress, signal } = options;
  const databases = new ScratchDatabases(scratch, signal);
  const record = new GateRecord(onProgress, options.onGate, signal);
  const room: Room = { source, databases, configuration, onProgress, signal };
  const findings: Findings = { load: null, timeline: null };
  const startedAt = new Date().toISOString();
  const notes: string[] = [];
  try {
    const restored = await runGates(room, record, options.queries ?? [], findings);
    return { ...conclude(options, record, restored), ...findings, notes, startedAt, finishedAt: now() };
  } finally {
    for (const what of await databases.dropAll()) {
      const note = `The ${what} could not be taken away from the scratch server.`;
      notes.push(note);
      onProgress(note);
    }
  }
}

async function runGates(
  room: Room,
  record: GateRecord,
  queries: readonly RecordedQuery[],
  findings: Findings,
): Promise<Restored | null> {
  const restored = await record.run("restore", () =>
    restoreGate(room, (load) => {
      findings.load = load;
    }),
  );
  await record.after(restored, "up_on_fresh", () => upOnFreshGate(room));
  const grafted = await record.after(restored, "up_on_copy", (from) => upOnCopyGate(room, from));
  const out = onceOnly((from: Grafted) => takeOut(room, from));
  await record.after(grafted, "rows_unchanged", (from) => rowsUnchangedGate(room, from, () => out(from)));
  const copyWorks = reachedWith(grafted, restored);
  await record.after(copyWorks, "old_queries", (from) => oldQueriesGate(room, from, queries));
  await record.after(copyWorks, "lock_budget", (from) =>
    lockBudgetGate(room, from, (timeline) => {
      findings.timeline = timeline;
    }),
  );
  const isOut = await record.after(grafted, "down_restores", (from) =>
    downRestoresGate(from, () => out(from)),
  );
  await record.after(reachedWith(isOut, grafted), "up_again", (from) => upAgainGate(room, from));
  return restored.value;
}

/** The graft is taken out of the copy once; two gates look at what came of it. */
function onceOnly(work: (from: Grafted) => Promise<TakenOut>): (from: Grafted) => Promise<TakenOut> {
  let result: Promise<TakenOut> | undefined;
  return (from) => {
    result ??= work(from);
    return result;
  };
}

/** The value of an earlier gate, where a later one was passed too. */
function reachedWith<Value>(gate: Reached<unknown>, earlier: Reached<Value>): Reached<Value> {
  return gate.value === null ? (gate as Reached<never>) : earlier;
}

function conclude(
  { scratch, source, configuration }: RehearseOptions,
  { gates }: GateRecord,
  restored: Restored | null,
): Omit<Rehearsal, "load" | "timeline" | "notes" | "startedAt" | "finishedAt"> {
  const users = restored?.situation.users;
  return {
    decision: gates.every(({ passed }) => passed) ? "go" : "no-go",
    gates,
    source: source.description,
    table: users === undefined ? configuration.table : displayName(users.schema, users.name),
    serverVersion: scratch.version,
    authgraftVersion: VERSION,
    planHash: restored === null ? null : planHash(restored.situation),
    schemaFingerprint: restored === null ? null : schemaFingerprint(restored.situation),
    lockBudgetMilliseconds: configuration.lock.budgetMilliseconds,
  };
}

function now(): string {
  return new Date().toISOString();
}
