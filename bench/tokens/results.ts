import type { Peers } from "./install-peers.ts";
import type { HttpResults } from "./measure-http.ts";
import type { LagResults } from "./measure-lag.ts";
import type { MissedResults } from "./measure-missed.ts";
import type { OutageResults } from "./measure-outage.ts";
import type { SetResults } from "./measure-set.ts";
import type { VerifyResults } from "./measure-verify.ts";
import type { BenchOptions, Measurement } from "./options.ts";

/** What was measured, by the name of the measurement; what was not is absent. */
export interface Measured {
  readonly verify?: VerifyResults;
  readonly http?: HttpResults;
  readonly lag?: LagResults;
  readonly missed?: MissedResults;
  readonly set?: SetResults;
  readonly outage?: OutageResults;
}

/** Everything that was measured, and on what. */
export interface BenchResults {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  readonly peers: Peers;
  readonly options: BenchOptions;
  /** The part of the processors' time that the machine's host gave to others, by measurement; null where it does not tell. */
  readonly stolen: Readonly<Partial<Record<Measurement, number | null>>>;
  /** How long each measurement took, in seconds. */
  readonly seconds: Readonly<Partial<Record<Measurement, number>>>;
  readonly measured: Measured;
}
