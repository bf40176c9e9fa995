import { describeError } from "../accounts/describe-error.ts";
import type { Logger } from "../accounts/logger.ts";
import { type AuditEvent, recordEvent } from "../audit/record.ts";
import { connect } from "../postgres/connect.ts";
import { SqlState, sqlState } from "../postgres/sqlstate.ts";

/** Where, and in which schema, the audit log stands; where it does not, the log of the server has to do. */
export interface Elsewhere {
  readonly databaseUrl: string;
  readonly schema: string;
  readonly logger: Logger;
}

const NOT_THERE: readonly (string | undefined)[] = [
  SqlState.undefinedTable,
  SqlState.undefinedColumn,
  SqlState.undefinedSchema,
];

/**
 * Writes an event down on a connection of its own, for what is done while there may be no graft, or none any more;
 * into the server's log always.
 *
 * @throws DatabaseError; the driver's own error.
 */
export async function recordElsewhere(
  { databaseUrl, schema, logger }: Elsewhere,
  event: AuditEvent,
): Promise<void> {
  logger.info({ audit: { ...event, address: undefined, userAgent: undefined } }, "audit");
  const client = await connect(databaseUrl, { applicationName: "authgraft" });
  try {
    await recordEvent(client, schema, event);
  } catch (error) {
    if (!NOT_THERE.includes(sqlState(error))) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The same, of what has been done already: that it could not be written down does not undo it. */
export async function recordDone(where: Elsewhere, event: AuditEvent): Promise<void> {
  await recordElsewhere(where, event).catch((error: unknown) => {
    where.logger.warn(
      { error: describeError(error) },
      "what was done could not be written into the audit log",
    );
  });
}
