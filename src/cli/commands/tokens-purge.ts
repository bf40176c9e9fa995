import { type PurgeCounts, purge } from "../../accounts/purge.ts";
import { MigrationError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { printPurged } from "../print/tokens.ts";
import { withGraft } from "../with-graft.ts";

/** Deletes what has expired, batch by batch, until nothing is left of it. */
export async function tokensPurge(context: CommandContext): Promise<CommandResult> {
  const { configuration, signal, terminal } = context;
  const rows = await withGraft(context, "purge", ({ pool, table }) =>
    purge({ pool, table, schema: configuration.schema }, signal),
  );
  if (signal.aborted) throw interrupted(rows);
  return { exitCode: ExitCode.done, json: { state: "purged", rows }, text: printPurged(rows, terminal) };
}

function interrupted(rows: PurgeCounts): MigrationError {
  const count = Object.values(rows).reduce((sum, deleted) => sum + deleted, 0);
  return new MigrationError("interrupted", `Interrupted; ${count} rows that had expired are deleted.`, {
    fix: "Run the same command again for the rest.",
  });
}
