import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError } from "../../errors.ts";
import { fixedValues, requiredColumns } from "../insert-user.ts";
import type { UsersTable } from "../users-table.ts";
import type { ImportContext } from "./import-context.ts";
import { type Judgement, judgeSql, refusalSql } from "./judge-sql.ts";
import { chooseMatch, type FileFindings } from "./read-file.ts";
import { VERDICTS } from "./stage.ts";

/** Decides in the database what becomes of each row. */
export async function judge(context: ImportContext, findings: FileFindings): Promise<Judgement> {
  const { client, table, configuration, options, onProgress } = context;
  onProgress({ phase: "deciding", rows: findings.rows, share: null });
  const match = chooseMatch(findings, options.match);
  const judgement: Judgement = {
    ...options,
    table,
    match,
    has: findings.has,
    refusesUnverified: match === "email" && !options.trustUnverifiedEmails && findings.unverifiedEmails > 0,
    required: requiredParts(table, configuration),
  };
  await client.query(judgeSql(judgement));
  await client.query(`ANALYZE ${VERDICTS}`);
  for (const statement of refusalSql(judgement)) await client.query(statement);
  return judgement;
}

const PARTS = ["id", "username", "email", "display_name", "password_hash"] as const;

function requiredParts(table: UsersTable, { registration }: Configuration): Judgement["required"] {
  const required = requiredColumns(table.relation);
  const made = registration.generateId === undefined ? null : table.mapping.id;
  return new Set(
    PARTS.filter((part) => {
      const name = table.mapping[part];
      return name !== null && required.includes(name) && name !== made;
    }),
  );
}

/** @throws ConfigurationError `configuration_invalid` where a column that must have a value gets none. */
export function assertRowsCanBeMade(
  { relation, mapping }: UsersTable,
  { registration }: Configuration,
  findings: FileFindings,
): void {
  const parts = PARTS.map((part) => mapping[part]).filter((name) => name !== null);
  const created = findings.has.has("created_at") ? [mapping.created_at] : [];
  const filled = new Set<string | null>([
    ...parts,
    ...created,
    ...fixedValues({ relation, mapping } as UsersTable, registration.values).keys(),
  ]);
  const unfilled = requiredColumns(relation).filter((name) => !filled.has(name));
  if (unfilled.length === 0) return;
  throw new ConfigurationError(
    "configuration_invalid",
    `No row can be made: ${unfilled.map((name) => `"${name}"`).join(", ")} must have a value and gets none.`,
    {
      fix: "Set registration.values in the configuration, or leave out who is not there yet: --existing-only.",
    },
  );
}
