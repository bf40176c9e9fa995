import type { EndCounts } from "./load/count-ends.ts";
import type { CheckLatency } from "./load/session-checks.ts";
import type { BenchOptions } from "./options.ts";

/** Whose sign-in is measured. */
export type Product = "authgraft" | "better-auth";

/** Verifications a second: by the pool alone, and as logins over HTTP. */
export interface ThroughputRun {
  readonly repeat: number;
  readonly pool: EndCounts;
  readonly http: EndCounts;
}

/** Session checks while so many sign in at a time. */
export interface CheckRun {
  readonly product: Product;
  readonly concurrency: number;
  readonly repeat: number;
  readonly checks: CheckLatency;
  /** Null where nobody signs in. */
  readonly logins: EndCounts | null;
  /** The part of the processors' time that the machine's host gave to others; null where it does not tell. */
  readonly stolen: number | null;
}

/** Everything that was measured, and on what. */
export interface BenchResults {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  readonly betterAuth: string;
  readonly options: BenchOptions;
  /** How many accounts each product's table has. */
  readonly users: number;
  /** Session checks a second. */
  readonly rate: number;
  /** How many logins at a time the throughput is measured with. */
  readonly concurrency: number;
  readonly throughput: readonly ThroughputRun[];
  readonly checks: readonly CheckRun[];
}
