import type { DatabaseServer } from "../../scripts/support/database-server.ts";
import type { Application } from "./application.ts";
import type { BenchOptions } from "./options.ts";

/** What every measurement is given. */
export interface Measuring {
  readonly database: DatabaseServer;
  readonly options: BenchOptions;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** One application for those who want it, with so many revoked tokens that are nobody's. */
  readonly crowded: () => Promise<CrowdedApplication>;
}

/** An application in which a great many tokens are revoked. */
export interface CrowdedApplication extends Application {
  readonly revoked: number;
}
