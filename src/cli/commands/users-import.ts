import type pg from "pg";
import type { Hashing } from "../../accounts/import/import-context.ts";
import type { ImportReport } from "../../accounts/import/import-report.ts";
import { importUsers } from "../../accounts/import/import-users.ts";
import { total } from "../../accounts/import/write-batches.ts";
import { describeUsersTable } from "../../accounts/users-table.ts";
import { AuthgraftError } from "../../errors.ts";
import { assertGrafted } from "../../migration/assert-grafted.ts";
import { createPasswords } from "../../passwords/passwords.ts";
import { connect } from "../../postgres/connect.ts";
import { prepareSession } from "../../postgres/migration-session.ts";
import { isTransactionPooled } from "../../postgres/pooler.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../exit-codes.ts";
import { printEnd, printImport, printNeeds } from "../print/users-import.ts";
import { importProgress } from "../print/users-import-progress.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { explainImportError } from "../users-import/explain-import-error.ts";
import { type ImportFlags, importOptions } from "../users-import/flags.ts";
import { openUsersFile } from "../users-import/open-file.ts";
import { openRefusedFile } from "../users-import/refused-file.ts";

const COMMAND = "users import";

/** Reads and checks a file of users, says what would become of each row, asks, and writes. */
export async function usersImport(
  context: CommandContext,
  path: string,
  flags: ImportFlags,
): Promise<CommandResult> {
  const options = await importOptions(flags, context.environment);
  const { terminal, json, configuration, databaseUrl, signal } = context;
  if (!options.dryRun) assertSomebodyAgrees(context);
  const file = await openUsersFile(path);
  const refused = await openRefusedFile(flags.report);
  const client = await openSession(databaseUrl);
  const progress = importProgress(terminal, json);
  try {
    const { situation } = await assertGrafted(client, configuration);
    await client.query("RESET search_path");
    const table = describeUsersTable(situation.users, situation.mapping, configuration.schema);
    const report = await importUsers({
      ...{ client, table, configuration, options, signal, open: file.open, share: file.share },
      assertUnchanged: file.assertUnchanged,
      startHashing: () => startHashing(context),
      confirm: (pending) => agree(context, pending),
      onRefused: async (rows) => refused?.write(rows),
      onProgress: progress.onProgress,
    });
    return conclude(report, context, options.skipInvalid);
  } catch (error) {
    throw explainImportError(error);
  } finally {
    progress.end();
    await client.end().catch(() => undefined);
    await refused?.close();
  }
}

/** A long file is not read for nothing: where nobody can be asked, `--yes` is said at once. */
function assertSomebodyAgrees({ yes, terminal, json }: CommandContext): void {
  if (yes || (terminal.interactive && !json)) return;
  throw new AuthgraftError(
    "confirmation_required",
    `${COMMAND} changes the database, and nobody can be asked here.`,
    { fix: `Look first with --dry-run, then say it with --yes: authgraft ${COMMAND} FILE --yes` },
  );
}

async function openSession(databaseUrl: string): Promise<pg.Client> {
  const open = () => connect(databaseUrl, { applicationName: "authgraft (import)" });
  const client = await open();
  try {
    if (await isTransactionPooled(client, open)) {
      throw wrongUsage(
        "The database URL leads to a connection pooler in transaction mode, where an import's own tables do not hold.",
        "Give a URL that leads to PostgreSQL directly; the application can stay behind the pooler.",
      );
    }
    await prepareSession(client, { readOnly: false });
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** How long a batch waits for a row that somebody holds. */
const LOCK_TIMEOUT = "5s";

/** The import gives way to whatever else the machine does: a server beside it above all. */
const NICENESS = 19;

async function startHashing({ configuration, signal }: CommandContext): Promise<Hashing> {
  const { threads } = configuration.passwords.hashing;
  const passwords = await createPasswords(configuration.passwords, {
    ...(threads === undefined ? {} : { threads }),
    niceness: NICENESS,
  });
  return {
    hash: (password) => passwords.hash(password, { lane: "background", signal }),
    close: () => passwords.close(),
  };
}

async function agree(context: CommandContext, report: ImportReport): Promise<boolean> {
  const { terminal, json } = context;
  if (!json && !context.yes) terminal.note(`${printImport(report, terminal)}\n`);
  return confirm(context, COMMAND, `Write ${total(report.outcomes).toLocaleString("en")} rows now?`);
}

function conclude(report: ImportReport, { terminal }: CommandContext, skipsInvalid: boolean): CommandResult {
  const lines = [printImport(report, terminal), ...printNeeds(report, terminal), printEnd(report, terminal)];
  return { exitCode: exitCode(report, skipsInvalid), json: report, text: lines.join("\n") };
}

function exitCode({ state, written, outcomes }: ImportReport, skipsInvalid: boolean): number {
  if (state === "refused") return ExitCode.refused;
  if (state === "stopped") return total(written) === 0 ? ExitCode.refused : ExitCode.failed;
  return state === "dry_run" && outcomes.refused > 0 && !skipsInvalid ? ExitCode.refused : ExitCode.done;
}
