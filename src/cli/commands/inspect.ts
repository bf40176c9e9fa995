import { type Inspection, inspect as inspectDatabase } from "../../migration/status.ts";
import { displayName } from "../../users-table/find-table.ts";
import type { Mapping } from "../../users-table/mapping.ts";
import { findColumn } from "../../users-table/relation.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { type CountedHashes, countPasswordHashes, hashesToJson } from "../count-password-hashes.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { printFindings } from "../print/findings.ts";
import { heading } from "../print/heading.ts";
import { printPasswordHashes } from "../print/password-hashes.ts";
import type { Terminal } from "../terminal.ts";

/** Shows the users table, the mapping that was found, and what stands in the way. */
export async function inspect(context: CommandContext): Promise<CommandResult> {
  const inspection = await interruptible(inspectDatabase(context), context.signal);
  const { plan, situation } = inspection;
  const hashes = await interruptible(countPasswordHashes(context, situation), context.signal);
  return {
    exitCode: plan.refusals.length > 0 ? ExitCode.refused : ExitCode.done,
    json: {
      ...toJson(inspection),
      password_hashes: hashes === null ? null : hashesToJson(hashes),
    },
    text: print(inspection, hashes, context.terminal),
  };
}

function toJson({ situation, plan }: Inspection) {
  const { users, mapping, server } = situation;
  return {
    table: {
      schema: users.schema,
      name: users.name,
      owner: users.owner,
      estimated_rows: users.estimatedRows,
      bytes: users.bytes,
      columns: users.columns.map((column) => ({
        name: column.name,
        type: column.type,
        not_null: column.notNull,
        default: column.default,
      })),
      database: server.database,
      server_version: server.version,
      state: plan.state,
    },
    mapping,
    blockers: plan.refusals,
    warnings: plan.warnings,
  };
}

function print(inspection: Inspection, hashes: CountedHashes | null, terminal: Terminal): string {
  const { situation, plan } = inspection;
  const parts = [heading(situation, terminal), "", printMapping(inspection, terminal)];
  if (hashes !== null) parts.push("", printPasswordHashes(hashes, terminal));
  if (plan.refusals.length > 0) parts.push("", "In the way:", printFindings(plan.refusals, terminal, true));
  if (plan.warnings.length > 0) parts.push("", "To know:", printFindings(plan.warnings, terminal, true));
  if (plan.refusals.length === 0) {
    parts.push("", plan.state === "applied" ? terminal.style("green", "Grafted.") : "Nothing is in the way.");
  }
  return parts.join("\n");
}

const ROLES: readonly (keyof Mapping)[] = [
  "id",
  "username",
  "email",
  "password_hash",
  "is_admin",
  "auth_provider",
  "auth_provider_id",
  "display_name",
  "created_at",
  "deleted",
];

function printMapping({ situation }: Inspection, terminal: Terminal): string {
  const { mapping, users } = situation;
  const lines = ROLES.map((role) => {
    const name = mapping[role];
    if (typeof name !== "string")
      return `  ${role.padEnd(17)}${terminal.style("dim", absent(role, mapping))}`;
    const column = findColumn(users, name);
    const what = column === undefined ? terminal.style("yellow", "will be added") : describeColumn(column);
    return `  ${role.padEnd(17)}${name.padEnd(20)} ${what}`;
  });
  return [`Which column of ${displayName(users.schema, users.name)} plays which part:`, ...lines].join("\n");
}

function absent(role: keyof Mapping, mapping: Mapping): string {
  if (role === "is_admin" && mapping.admin !== null)
    return `${mapping.admin.column} = '${mapping.admin.equals}' decides`;
  return "none";
}

function describeColumn(column: { readonly type: string; readonly notNull: boolean }): string {
  return `${column.type}${column.notNull ? ", not null" : ""}`;
}
