import { dropMadeUpRoles } from "../../migration/rehearse/restore/made-up-roles.ts";
import { MADE_UP } from "../../migration/rehearse/restore/restore-role.ts";
import { connect } from "../../postgres/connect.ts";

/**
 * Takes away the roles that a rehearsal has left on a server that goes on living: one whose source broke off in the
 * middle had nobody to tell of them. What another rehearsal uses, its databases hold.
 */
export async function dropLeftRoles(url: string): Promise<void> {
  const client = await connect(url, { applicationName: "authgraft rehearsal" });
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE pg_catalog.shobj_description(oid, 'pg_authid') = $1",
      [MADE_UP],
    );
    await dropMadeUpRoles(
      url,
      rows.map(({ name }) => name),
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
