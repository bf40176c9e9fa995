import { parseConfiguration } from "../../config/parse.ts";
import type { Configuration, ConfigurationInput } from "../../config/schema.ts";
import { ConfigurationError, DatabaseError, MigrationError } from "../../errors.ts";
import { acquireAdvisoryLock, releaseAdvisoryLock } from "../../postgres/advisory-lock.ts";
import type { Client } from "../../postgres/client.ts";
import { connect, describe } from "../../postgres/connect.ts";
import { prepareSession } from "../../postgres/migration-session.ts";
import { isTransactionPooled } from "../../postgres/pooler.ts";
import { reusePlans } from "../../postgres/reuse-plans.ts";
import { explainError } from "./explain-error.ts";
import { Interruption, openUnlessInterrupted } from "./interruption.ts";
import { limitReading } from "./lock-timeout.ts";
import { Patience } from "./patience.ts";
import { noStatistics, type Progress, type RunContext, throwIfInterrupted } from "./run-context.ts";
import { Watcher } from "./watcher.ts";

/** What every command of the migration takes. */
export interface MigrationOptions {
  readonly databaseUrl: string;
  readonly configuration?: ConfigurationInput | Configuration;
}

/** What a command that changes something takes besides. */
export interface RunOptions extends MigrationOptions {
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
}

const APPLICATION = "authgraft";
const WATCHER = "authgraft (watching)";

/** Runs `work` on a connection that cannot change anything. */
export async function withReader<Result>(
  options: MigrationOptions,
  work: (client: Client, configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const configuration = parseConfiguration(options.configuration);
  const client = await connect(options.databaseUrl, { applicationName: APPLICATION });
  try {
    await prepareSession(client, { readOnly: true });
    return await work(client, configuration);
  } catch (error) {
    throw explainError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Runs `work` on a connection of our own as the only migrator of this graft: a second run waits for the
 * first, and finds nothing to do then.
 *
 * @throws ConfigurationError `configuration_invalid` behind a pooler in transaction mode.
 * @throws MigrationError `lock_timeout` when another run goes on past the deadline; `interrupted`.
 */
export async function withMigrator<Result>(
  options: RunOptions,
  work: (context: RunContext) => Promise<Result>,
): Promise<Result> {
  const configuration = parseConfiguration(options.configuration);
  const open = () => connect(options.databaseUrl, { applicationName: APPLICATION });
  const connection = await openUnlessInterrupted(open, options.signal);
  const interruption = new Interruption(options.signal);
  // Behind a pooler no statement may be prepared: plans are kept only once it is known that there is none.
  const client = interruption.heededBy(connection);
  const watcher = new Watcher(() => openWatcher(options.databaseUrl));
  let stopCancelling = () => {};
  try {
    const pid = await processOf(client);
    stopCancelling = interruption.cancels(pid, open);
    await refusePooler(client, open, options.databaseUrl);
    await prepareSession(client, { readOnly: false });
    await limitReading(client);
    const context: RunContext = {
      client: interruption.heededBy(reusePlans(connection)),
      pid,
      watcher,
      configuration,
      progress: options.onProgress ?? (() => undefined),
      signal: options.signal,
      locks: noStatistics(),
      patience: new Patience(configuration.lock.deadlineSeconds * 1_000),
    };
    return await withMigratorLock(context, () => work(context));
  } catch (error) {
    throw explainError(error);
  } finally {
    stopCancelling();
    await watcher.close();
    await client.end().catch(() => undefined);
  }
}

/**
 * It asks the same few statements again and again, so they are planned once. Where it cannot be had, the run has
 * begun already.
 */
async function openWatcher(databaseUrl: string): Promise<Client> {
  const client = await connect(databaseUrl, { applicationName: WATCHER }).catch((error: unknown) => {
    if (!(error instanceof DatabaseError) || error.code !== "database_unreachable") throw error;
    throw new DatabaseError("database_unreachable", `A second connection is needed. ${error.message}`, {
      fix: `${error.fix} Whatever was done before stands; it is safe to run the same command again.`,
      cause: error,
    });
  });
  await prepareSession(client, { readOnly: true });
  return reusePlans(client);
}

async function processOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

async function withMigratorLock<Result>(context: RunContext, work: () => Promise<Result>): Promise<Result> {
  const { client, configuration } = context;
  const got = await context.patience
    .during(() =>
      acquireAdvisoryLock(client, configuration.schema, {
        timeout: context.patience.left,
        onWait: (holder) => context.progress(`waiting for another run of authgraft: ${holder}`, "detail"),
        ...(context.signal === undefined ? {} : { signal: context.signal }),
      }),
    )
    .catch((error: unknown) => {
      throwIfInterrupted(context);
      throw error;
    });
  if (!got) {
    throw new MigrationError("lock_timeout", "Another run of authgraft is still going on.", {
      fix: "Wait until it has ended, then run the same command again.",
    });
  }
  try {
    return await work();
  } catch (error) {
    // One that says more than that it was interrupted is not replaced.
    const told = error instanceof MigrationError && error.code === "interrupted";
    if (!told) throwIfInterrupted(context);
    throw error;
  } finally {
    await releaseAdvisoryLock(client, configuration.schema).catch(() => undefined);
  }
}

async function refusePooler(client: Client, open: () => Promise<Client>, url: string): Promise<void> {
  if (!(await isTransactionPooled(client, open))) return;
  throw new ConfigurationError(
    "configuration_invalid",
    `${describe(url)} is a connection pooler in transaction mode: locks and settings of a session do not hold there.`,
    {
      fix: "Give the migration a URL that leads to PostgreSQL directly; the application can stay behind the pooler.",
    },
  );
}
