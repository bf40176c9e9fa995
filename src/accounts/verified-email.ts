import type { Queryable } from "../postgres/client.ts";
import type { AccountsContext } from "./context.ts";
import { hasId } from "./users-table.ts";

/** Remembers that a user has shown an address to be theirs. It counts while it is the one in their row. */
export async function rememberVerified(
  client: Queryable,
  { table }: Pick<AccountsContext, "table">,
  userId: string,
  email: string,
): Promise<void> {
  await client.query(
    `INSERT INTO ${table.accounts} (user_id, verified_email, verified_at)
     SELECT u.${table.id}, $2, now() FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET verified_email = excluded.verified_email, verified_at = excluded.verified_at`,
    [userId, email],
  );
}

/** Whether two texts are one address: without regard to ASCII case, as the graft's index has it. */
export function isSameEmail(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && mailboxOf(one) === mailboxOf(other);
}

/**
 * An address as one text, however it is written: what is counted or compared by it. Other scripts have letters whose
 * lower case is an ASCII letter (the Kelvin sign): those are other addresses.
 */
export function mailboxOf(email: string): string {
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
