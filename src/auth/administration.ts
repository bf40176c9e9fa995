import type { Accounts } from "../accounts/accounts.ts";
import { createAdministration } from "../accounts/admin/administration.ts";
import type { HashPlace } from "../accounts/admin/query/role.ts";
import type { AccountsContext } from "../accounts/context.ts";
import type { UsersTable } from "../accounts/users-table.ts";
import { type AuditEvent, recordEvent } from "../audit/record.ts";
import { MigrationError } from "../errors.ts";
import { createAdminAccess } from "../http/admin-access.ts";
import type { AdminKey } from "../http/admin-key.ts";
import type { AdminRouteParts } from "../http/admin-parts.ts";
import { openOperatorDesks } from "./operator-desks.ts";
import type { AuthOptions } from "./options.ts";

/** What the administrators' part of a server is put together from. */
export interface AdministrationParts {
  readonly context: AccountsContext;
  readonly accounts: Accounts;
  readonly adminKey: AdminKey;
}

/** What the administrators' routes need, and the end of whatever they have begun. */
export interface OpenAdministration extends AdminRouteParts {
  stop(): Promise<void>;
}

/** Opens what administrators and operators do over HTTP. */
export function openAdministration(
  options: AuthOptions,
  { context, accounts, adminKey: key }: AdministrationParts,
): OpenAdministration {
  const { configuration, logger, now, table } = context;
  const administration = createAdministration(context);
  const { trustedProxies } = configuration;
  const { refusedKey, refusedUser } = administration;
  const access = createAdminAccess({ key, trustedProxies, accounts, refusedKey, refusedUser });
  const record = recordWhereItStands(context);
  const desks = openOperatorDesks(options, {
    ...{ configuration, logger, now, record },
    hashes: placeOfHashes(table),
  });
  return { administration, access, ...desks };
}

function placeOfHashes({ relation, mapping }: UsersTable): HashPlace {
  return { schema: relation.schema, table: relation.name, column: mapping.password_hash };
}

/** An operator who has taken the graft out has taken the audit log with it: the server's own log is left. */
function recordWhereItStands({ pool, configuration, logger }: AccountsContext) {
  return async (event: AuditEvent): Promise<void> => {
    try {
      await recordEvent(pool, configuration.schema, event);
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      const { event: kind, result, actor, detail } = event;
      logger.info({ audit: { event: kind, result, actor, detail } }, "audit");
    }
  };
}
