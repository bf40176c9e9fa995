import type { Finding } from "./finding.ts";
import type { Situation } from "./situation.ts";

/** The lock modes a step takes, weakest first. */
export type LockMode = "NONE" | "SHARE UPDATE EXCLUSIVE" | "SHARE ROW EXCLUSIVE" | "ACCESS EXCLUSIVE";

/**
 * What is sent to the server at once: the statements of one transaction in one message, or one statement
 * that PostgreSQL runs outside a transaction only.
 */
export interface Section {
  readonly statements: readonly string[];
  readonly transactional: boolean;
  /** The lock on the users table, asked for before the first statement when it is a strong one. */
  readonly lock: LockMode;
  /** A table of the graft's own, quoted, that the lock is taken on in place of the users table. */
  readonly ownTable?: string;
  /** Relations beside the users table that need the same lock, quoted. */
  readonly alsoLocks?: readonly string[];
  /** For a concurrent index build: the index, so that an invalid leftover can be found. */
  readonly builds?: { readonly schema: string; readonly index: string };
}

/** What a step would lose on its way down, counted before anything is dropped. */
export interface Loss {
  readonly kind: string;
  /** Counts; one row, one column `count`. */
  readonly sql: string;
  /** How a person says it: "users with a password". */
  readonly label: string;
}

/** A condition under which a new row value would be lost, for the fence. */
export interface Fence {
  /** The table, quoted. */
  readonly table: string;
  /** On INSERT, over NEW. */
  readonly insert: string;
  /** On UPDATE, over OLD and NEW. */
  readonly update: string;
}

/** What `down` decided from the counts before it starts. */
export interface DownChoices {
  /** Columns that stay nullable, because rows hold NULL there that `down` neither invents nor deletes. */
  readonly keepNullable: readonly string[];
}

/** One schema change. Pure: everything is decided from the situation. */
export interface Step {
  readonly id: string;
  /** One line for a person. */
  title(situation: Situation): string;
  /** Why it is done so. */
  reason(situation: Situation): string;
  /** Whether the configuration asks for it at all. */
  isWanted(situation: Situation): boolean;
  /** Whether the catalog already shows it done. */
  isDone(situation: Situation): boolean;
  /** Whether anything of it stands, also half done, so that `down` has something to take out. */
  isPresent(situation: Situation): boolean;
  /** What is still missing, as sections in order; empty when done. */
  up(situation: Situation): readonly Section[];
  /** What takes out the graft's part of it, as sections in order; empty when nothing of it is the graft's. */
  down(situation: Situation, choices: DownChoices): readonly Section[];
  /** What of this step's own stands in its way: an object that does not fit, or was changed since. */
  obstacles(situation: Situation): readonly Finding[];
  /** What would be lost by `down`. */
  losses(situation: Situation): readonly Loss[];
  /** What keeps new values from arriving while `down` counts. */
  fences(situation: Situation): readonly Fence[];
}
