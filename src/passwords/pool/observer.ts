import type { HashFault } from "../stored-hash.ts";
import type { Lane, QueueRefusal } from "./fair-queue.ts";
import type { Work } from "./work.ts";

/** Why something was not hashed: no room, waited too long, or the pool was closed. */
export type RefusalReason = QueueRefusal | "waited" | "closed";

/** Whoever counts what the pool does. Times are milliseconds. */
export interface PoolObserver {
  waited(lane: Lane, milliseconds: number): void;
  worked(kind: Work["kind"], milliseconds: number): void;
  refused(reason: RefusalReason): void;
  /** The asker had gone before the turn came. */
  abandoned(): void;
  /** Somebody tried to log in against a stored text that verifies nothing. */
  unverifiable(fault: HashFault): void;
}

const nothing = () => undefined;

/** Counts nothing. */
export const SILENT_OBSERVER: PoolObserver = {
  waited: nothing,
  worked: nothing,
  refused: nothing,
  abandoned: nothing,
  unverifiable: nothing,
};
