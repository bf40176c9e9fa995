import type { Queryable } from "../../postgres/client.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import type { Finding } from "../finding.ts";
import { applyAcceptance, unknownAcceptances } from "./acceptance.ts";
import type { Examined, FindingCheck, Query, Subject } from "./check.ts";
import { columnLimitCheck } from "./checks/column-limit.ts";
import { defaultPrivilegesCheck } from "./checks/default-privileges.ts";
import { emailDuplicatesCheck, providerDuplicatesCheck } from "./checks/duplicates.ts";
import { eventTriggersCheck } from "./checks/event-triggers.ts";
import { exposuresCheck, readsAllCheck } from "./checks/exposures.ts";
import { functionsCheck } from "./checks/functions.ts";
import { longEmailsCheck } from "./checks/long-emails.ts";
import { mappingCheck } from "./checks/mapping.ts";
import { preparedStatementsCheck } from "./checks/prepared-statements.ts";
import { primaryKeyCheck } from "./checks/primary-key.ts";
import { primaryKeyTypeCheck } from "./checks/primary-key-type.ts";
import { privilegesCheck } from "./checks/privileges.ts";
import { providerColumnsCheck, providerDomainCheck } from "./checks/provider-columns.ts";
import { registrationCheck } from "./checks/registration.ts";
import { publicationsCheck, subscriptionsCheck } from "./checks/replication.ts";
import { rowSecurityCheck } from "./checks/row-security.ts";
import { rowTypeCheck } from "./checks/row-type.ts";
import { rulesCheck } from "./checks/rules.ts";
import { readOnlyCheck, serverVersionCheck } from "./checks/server.ts";
import { serverLogsCheck } from "./checks/server-logs.ts";
import { signInColumnsCheck } from "./checks/sign-in-columns.ts";
import { standbysCheck } from "./checks/standbys.ts";
import { notATable, partitions, unusualTable } from "./checks/table-kind.ts";
import { preparedTransactionsCheck, statisticsCheck, transactionsCheck } from "./checks/transactions.ts";
import { upsertCheck } from "./checks/upsert.ts";
import { existingHashesCheck, usernamesWithAtCheck, usersCheck } from "./checks/users.ts";
import { viewsCheck } from "./checks/views.ts";
import { evidence, warning } from "./evidence.ts";
import { tableName } from "./subject.ts";

/** What stands where a table was asked for. Where it is no plain table, nothing else is worth asking. */
const TABLE_CHECKS: readonly FindingCheck[] = [notATable, partitions, unusualTable];

/** Everything else, in the order in which a person reads it: what stands in the way, then who else is there. */
const CHECKS: readonly FindingCheck[] = [
  serverVersionCheck,
  readOnlyCheck,
  privilegesCheck,
  primaryKeyCheck,
  primaryKeyTypeCheck,
  mappingCheck,
  signInColumnsCheck,
  providerColumnsCheck,
  providerDomainCheck,
  registrationCheck,
  rowSecurityCheck,
  rowTypeCheck,
  rulesCheck,
  publicationsCheck,
  subscriptionsCheck,
  columnLimitCheck,
  longEmailsCheck,
  emailDuplicatesCheck,
  providerDuplicatesCheck,
  usersCheck,
  usernamesWithAtCheck,
  existingHashesCheck,
  preparedStatementsCheck,
  upsertCheck,
  functionsCheck,
  viewsCheck,
  eventTriggersCheck,
  exposuresCheck,
  readsAllCheck,
  defaultPrivilegesCheck,
  serverLogsCheck,
  transactionsCheck,
  preparedTransactionsCheck,
  standbysCheck,
  statisticsCheck,
];

/** What is asked. */
export interface FindingScope {
  /** Also what takes a scan of the table and can only warn. */
  readonly advice: boolean;
}

/**
 * Asks everything that can stand in the way of the graft, or beside it: one statement a check, nothing is
 * changed. A check that the role may not make becomes a warning that names the GRANT; because that fails a
 * statement, this is not to be called in a transaction block.
 */
export async function readFindings(
  client: Queryable,
  subject: Subject,
  { advice }: FindingScope,
): Promise<Finding[]> {
  const examined: Examined = { ...subject, statementsSchema: await readStatementsSchema(client) };
  const checks = CHECKS.filter((check) => advice || !check.advice?.(examined));
  const findings = await runChecks(client, TABLE_CHECKS, examined);
  if (examined.users.kind === "r") findings.push(...(await runChecks(client, checks, examined)));
  const { accept } = subject.configuration;
  return [...applyAcceptance(findings, accept), ...unknownAcceptances(accept)];
}

async function runChecks(
  client: Queryable,
  checks: readonly FindingCheck[],
  subject: Examined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    if (check.applies(subject)) findings.push(...(await runCheck(client, check, subject)));
  }
  return findings;
}

async function runCheck(
  client: Queryable,
  check: FindingCheck,
  subject: Examined,
): Promise<readonly Finding[]> {
  const query = check.query(subject);
  if (query === null) return check.judge([], subject);
  try {
    const { rows } = await client.query<object>(query.sql, query.values);
    return check.judge(rows, subject);
  } catch (error) {
    if (sqlState(error) !== SqlState.insufficientPrivilege) throw error;
    return [notPermitted(check, query, subject)];
  }
}

function notPermitted(check: FindingCheck, query: Query, subject: Examined): Finding {
  const { user } = subject.server;
  return warning({
    code: "check_not_permitted",
    object: tableName(subject),
    message: `The check "${check.id}" was not made: ${user} may not read what it asks for.`,
    fix: check.permit?.(subject) ?? `GRANT pg_monitor TO ${quoteIdentifier(user)};`,
    evidence: evidence(query, subject, "permission denied"),
  });
}

/** The extension's view fails where its library was not loaded at the start: then its settings are unknown. */
async function readStatementsSchema(client: Queryable): Promise<string | null> {
  const { rows } = await client.query<{ schema: string }>(
    `SELECT s.nspname::text AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace s ON s.oid = e.extnamespace
     WHERE e.extname = 'pg_stat_statements' AND current_setting('pg_stat_statements.max', true) IS NOT NULL
       AND has_schema_privilege(s.oid, 'USAGE')`,
  );
  return rows[0]?.schema ?? null;
}
