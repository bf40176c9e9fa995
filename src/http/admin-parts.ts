import type { Acting } from "../accounts/admin/acting.ts";
import type { Administration } from "../accounts/admin/administration.ts";
import type { QueryDesk } from "../accounts/admin/query/query-desk.ts";
import type { AdminAccess } from "./admin-access.ts";

/** A finding of a plan, as far as answers show it. */
export interface ShownFinding {
  readonly code: string;
  readonly object: string;
  readonly message: string;
  readonly fix: string;
}

/** A run of a migration, as far as it is looked at here; all of it is answered. */
export interface ShownRun {
  readonly direction: "up" | "down";
  readonly state: "running" | "done" | "refused" | "failed";
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly progress: string | null;
  readonly steps: readonly { readonly id: string; readonly title: string }[];
  readonly refusals: readonly ShownFinding[];
  readonly notes: readonly string[];
  readonly archive: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly fix: string | null } | null;
}

/** What carries migrations out. */
export interface Migrations {
  status(): Promise<{
    readonly state: "pending" | "applied" | "refused";
    readonly table: string;
    readonly steps: readonly object[];
    readonly history: readonly object[];
    readonly archive: string | null;
    readonly run: ShownRun | null;
  }>;
  plan(): Promise<{
    readonly state: "pending" | "applied" | "refused";
    readonly steps: readonly object[];
    readonly refusals: readonly object[];
    readonly warnings: readonly object[];
  }>;
  up(options: { readonly restore: boolean }, acting: Acting): Promise<ShownRun>;
  down(
    choices: { readonly step: boolean; readonly archive: boolean; readonly discardData: boolean },
    acting: Acting,
  ): Promise<ShownRun>;
}

/** What only the server's operator does; each is null where the server was started without a database for it. */
export interface OperatorParts {
  readonly access: AdminAccess;
  readonly migrations: Migrations | null;
  readonly queries: Pick<QueryDesk, "run"> | null;
}

/** What the administrators' routes are put together from. */
export interface AdminRouteParts extends OperatorParts {
  readonly administration: Administration;
}
