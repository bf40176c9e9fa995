import { purgeAudit } from "../../accounts/purge/purge-audit.ts";
import { MigrationError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { printAuditPurged } from "../print/audit.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { withGraft } from "../with-graft.ts";

/** What the command line adds. */
export interface AuditPurgeFlags {
  /** Days. */
  readonly olderThan?: number;
}

/** The longest that the configuration may ask for, too. */
const LONGEST = 36_500;

/** Deletes what the audit log has kept for long enough, batch by batch, until nothing is left of it. */
export async function auditPurge(context: CommandContext, flags: AuditPurgeFlags): Promise<CommandResult> {
  const { configuration, signal, terminal } = context;
  const days = daysOf(flags.olderThan ?? configuration.audit.retentionDays);
  let rows = 0;
  await withGraft(context, "audit purge", ({ pool }) =>
    purgeAudit({ pool, schema: configuration.schema }, days, signal, (deleted) => {
      rows += deleted;
    }),
  );
  if (signal.aborted) throw interrupted(rows);
  return {
    exitCode: ExitCode.done,
    json: { state: "purged", older_than_days: days, rows },
    text: printAuditPurged(rows, days, terminal),
  };
}

/** @throws ConfigurationError `usage_invalid` where nobody says how old, or nothing sensible. */
function daysOf(days: number | null): number {
  if (days === null) {
    const fix = "Say --older-than DAYS to delete what is older all the same.";
    throw wrongUsage("The configuration keeps the audit log for ever (audit.retentionDays is null).", fix);
  }
  if (days >= 1 && days <= LONGEST) return days;
  throw wrongUsage(`--older-than ${days} is out of range.`, `Say a number of days from 1 to ${LONGEST}.`);
}

function interrupted(rows: number): MigrationError {
  return new MigrationError("interrupted", `Interrupted; ${rows} events are deleted.`, {
    fix: "Run the same command again for the rest.",
  });
}
