import { query } from "../support/database-server.ts";
import { argon2id } from "./hashes.ts";
import type { Kind } from "./kinds.ts";

/** How many users of each kind there are; they are tried in turn. */
const EACH = 20;

/** The people of one kind, by the emails that they sign in with. */
export interface People {
  readonly kind: Kind;
  readonly emails: readonly string[];
  /** Somebody else with such a hash, who is let in first, to show that it verifies; null where it does not. */
  readonly proof: string | null;
}

/**
 * Turns users of a grafted sample into people of each kind, the others into people with a current hash. All emails
 * have one length: what a name costs by its length is nobody's secret.
 */
export async function populate(url: string, kinds: readonly Kind[], password: string): Promise<People[]> {
  await query(
    url,
    `UPDATE public.users u SET email = 'person.' || (10000 + n.place) || '@example.com', password_hash = $1
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM public.users) n WHERE n.id = u.id`,
    [argon2id(password)],
  );
  const people = kinds.map((kind, place) => peopleOf(kind, place));
  for (const { kind, emails, proof } of people) {
    if (kind.stored === undefined) continue;
    for (const email of [...emails, ...(proof === null ? [] : [proof])]) {
      await query(url, "UPDATE public.users SET password_hash = $2 WHERE email = $1", [
        email,
        kind.stored?.(password) ?? null,
      ]);
    }
    if (kind.disabled === true) await disable(url, emails);
  }
  await query(url, "VACUUM (ANALYZE)");
  return people;
}

function peopleOf(kind: Kind, place: number): People {
  // The table has no users from 50,000 on.
  const first = (kind.stored === undefined ? 50_000 : 10_001) + place * (EACH + 1);
  const [proof = "", ...emails] = Array.from(
    { length: EACH + 1 },
    (_, n) => `person.${first + n}@example.com`,
  );
  return { kind, emails, proof: kind.verifiable === true ? proof : null };
}

async function disable(url: string, emails: readonly string[]): Promise<void> {
  await query(
    url,
    `INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM public.users WHERE email = ANY($1)`,
    [emails],
  );
}
