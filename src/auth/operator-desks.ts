import type { Acting } from "../accounts/admin/acting.ts";
import { createQueryDesk, type QueryDesk } from "../accounts/admin/query/query-desk.ts";
import type { HashPlace } from "../accounts/admin/query/role.ts";
import { describeCaller } from "../accounts/caller.ts";
import type { Logger } from "../accounts/logger.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { Configuration } from "../config/schema.ts";
import { createMigrationDesk, type DeskRun, type MigrationDesk } from "../migration/migration-desk.ts";
import type { AuthOptions } from "./options.ts";
import { recordDone } from "./record-elsewhere.ts";

/** What an operator does over HTTP; each is null without a database of its own. */
export interface OperatorDesks {
  readonly migrations: MigrationDesk<Acting> | null;
  readonly queries: QueryDesk | null;
  /** Interrupts what runs. */
  stop(): Promise<void>;
}

/** What they are opened with. */
export interface DeskParts {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly now: () => number;
  /** Where the password hashes are; null where there may be no graft. */
  readonly hashes: HashPlace | null;
  /** Writes down which query was run. */
  readonly record: (event: AuditEvent) => Promise<void>;
}

/** Opens what the options name a database for. */
export function openOperatorDesks(
  { migrationDatabase, adminQueryDatabase }: Pick<AuthOptions, "migrationDatabase" | "adminQueryDatabase">,
  { configuration, logger, now, hashes, record }: DeskParts,
): OperatorDesks {
  const migrations =
    migrationDatabase === undefined
      ? null
      : createMigrationDesk<Acting>({
          ...{ databaseUrl: migrationDatabase, configuration, now },
          onChange: tellOfRuns(migrationDatabase, configuration, logger),
        });
  const queries =
    adminQueryDatabase === undefined
      ? null
      : createQueryDesk({
          ...{ databaseUrl: adminQueryDatabase, hashes, record },
          showsRows: configuration.administration.queryRows,
        });
  return {
    migrations,
    queries,
    async stop() {
      await Promise.all([migrations?.stop(), queries?.stop()]);
    },
  };
}

/** Before a run there may be no table to write it into, and after it none any more; while it runs, both. */
function tellOfRuns(databaseUrl: string, { schema }: Configuration, logger: Logger) {
  return async (run: DeskRun, acting: Acting): Promise<void> => {
    const { direction, state, steps, error } = run;
    logger.info({ direction, state, by: acting.actor, error: error?.code }, "a migration over HTTP");
    if (state !== "running") {
      const detail = { state, steps: steps.map(({ id }) => id), error: error?.code ?? null };
      await recordDone({ databaseUrl, schema, logger }, toEvent(run, acting, detail));
    }
  };
}

function toEvent({ direction, state }: DeskRun, { actor, caller }: Acting, detail: object): AuditEvent {
  return {
    event: direction === "up" ? "migration_up" : "migration_down",
    result: state === "done" ? "success" : "failure",
    ...{ actor, userId: null, sessionId: null, ...describeCaller(caller) },
    detail: { ...detail },
  };
}
