/**
 * The SQLSTATE codes Authgraft decides by.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const SqlState = {
  uniqueViolation: "23505",
  foreignKeyViolation: "23503",
  notNullViolation: "23502",
  checkViolation: "23514",
  invalidStatementName: "26000",
  duplicatePreparedStatement: "42P05",
  featureNotSupported: "0A000",
  invalidPassword: "28P01",
  invalidAuthorization: "28000",
  databaseMissing: "3D000",
  lockNotAvailable: "55P03",
  deadlockDetected: "40P01",
  serializationFailure: "40001",
  queryCanceled: "57014",
  adminShutdown: "57P01",
  crashShutdown: "57P02",
  cannotConnectNow: "57P03",
  insufficientPrivilege: "42501",
  undefinedTable: "42P01",
  duplicateTable: "42P07",
  undefinedColumn: "42703",
  undefinedSchema: "3F000",
  readOnlyTransaction: "25006",
  tooManyConnections: "53300",
} as const;

/** The SQLSTATE of an error that PostgreSQL raised, or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The name of the constraint or index that an error speaks of, when it speaks of one. */
export function violatedConstraint(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("constraint" in error)) return undefined;
  return typeof error.constraint === "string" ? error.constraint : undefined;
}

/** Whether an error means that the connection is gone or the server cannot be asked just now. */
export function isConnectionFailure(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|57P)/.test(state) || state === SqlState.tooManyConnections;
  if (typeof error !== "object" || error === null) return false;
  const code = "code" in error ? String(error.code) : "";
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN)/.test(code)) return true;
  return error instanceof Error && /connection (terminated|timeout|ended)|not queryable/i.test(error.message);
}
