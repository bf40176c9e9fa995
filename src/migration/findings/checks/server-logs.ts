import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { columnName, tableName } from "../subject.ts";

interface LogSettings {
  readonly verbosity: string;
  readonly statement: string;
  /** Milliseconds; -1: off. */
  readonly duration: number;
  readonly sampleDuration: number;
  /** Bytes of a parameter that are logged; -1: all. */
  readonly parameters: number;
  readonly parametersOnError: number;
}

/** Settings of the server under which password hashes come into its log. */
export const serverLogsCheck: FindingCheck<LogSettings> = {
  id: "server-logs",
  applies: () => true,
  query,
  judge: ([settings], subject) =>
    settings === undefined ? [] : [...failedRows(settings, subject), ...parameters(settings, subject)],
};

/** PostgreSQL writes "Failing row contains (…)" with up to 64 bytes of each column: a whole bcrypt hash. */
function failedRows({ verbosity }: LogSettings, subject: Examined): Finding[] {
  if (verbosity === "terse") return [];
  const hash = columnName(subject, subject.mapping.password_hash);
  return [
    warning({
      code: "log_keeps_failed_rows",
      object: "log_error_verbosity",
      message: `When a row of ${tableName(subject)} breaks a CHECK or NOT NULL constraint, the server's log gets the whole row, ${hash} included (up to 64 bytes of it: all of a bcrypt hash).`,
      fix: alterDatabase(subject, "log_error_verbosity = terse"),
      evidence: evidence(query(), subject, `log_error_verbosity = ${verbosity}`),
    }),
  ];
}

/** Statements are logged with their parameters: at login the email, at registration the hash. */
function parameters(settings: LogSettings, subject: Examined): Finding[] {
  const { statement, duration, sampleDuration } = settings;
  const statements = ["all", "mod"].includes(statement) || duration >= 0 || sampleDuration >= 0;
  const always = statements && settings.parameters !== 0;
  const onError = settings.parametersOnError !== 0;
  if (!always && !onError) return [];
  const fix = [
    ...(always ? [alterDatabase(subject, "log_parameter_max_length = 0")] : []),
    ...(onError ? [alterDatabase(subject, "log_parameter_max_length_on_error = 0")] : []),
  ];
  const shown = [
    `log_statement = ${statement}`,
    `log_min_duration_statement = ${duration}`,
    `log_parameter_max_length = ${settings.parameters}`,
    `log_parameter_max_length_on_error = ${settings.parametersOnError}`,
  ];
  return [
    warning({
      code: "log_keeps_parameters",
      object: always ? "log_parameter_max_length" : "log_parameter_max_length_on_error",
      message: `The server logs ${always ? "statements" : "failed statements"} with the values of their parameters: emails and password hashes come into its log.`,
      fix: fix.join("\n"),
      evidence: evidence(query(), subject, shown.join(", ")),
    }),
  ];
}

/** Takes hold for new connections; a superuser's to set. */
function alterDatabase({ server }: Examined, setting: string): string {
  return `ALTER DATABASE ${quoteIdentifier(server.database)} SET ${setting};`;
}

function query(): Query {
  return {
    sql: `
      SELECT current_setting('log_error_verbosity') AS verbosity, current_setting('log_statement') AS statement,
        max(setting::int) FILTER (WHERE name = 'log_min_duration_statement') AS duration,
        max(setting::int) FILTER (WHERE name = 'log_min_duration_sample') AS "sampleDuration",
        max(setting::int) FILTER (WHERE name = 'log_parameter_max_length') AS parameters,
        max(setting::int) FILTER (WHERE name = 'log_parameter_max_length_on_error') AS "parametersOnError"
      FROM pg_catalog.pg_settings
      WHERE name IN ('log_min_duration_statement', 'log_min_duration_sample', 'log_parameter_max_length', 'log_parameter_max_length_on_error')`,
    values: [],
  };
}
