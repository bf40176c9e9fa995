import type pg from "pg";

const HASH = "$pbkdf2-sha256$1000$c2FsdHNhbHQ$plainly-not-a-real-hash";

/**
 * What people leave behind once they sign in, in a database that has just been grafted: emails, passwords,
 * administrators, revocations, sessions, accounts, keys. `withEmail`: where the graft has added that column.
 */
export async function fill(client: pg.Client, withEmail: boolean): Promise<void> {
  await client.query(`
    CREATE TEMP TABLE people AS SELECT id, row_number() OVER (ORDER BY created_at, id) AS number FROM users;
    ${withEmail ? "UPDATE users u SET email = 'Person.' || p.number || '@Example.com' FROM people p WHERE p.id = u.id AND p.number % 2 = 0;" : ""}
    UPDATE users u SET password_hash = '${HASH}' || p.number FROM people p WHERE p.id = u.id AND p.number % 3 = 0;
    UPDATE users u SET is_admin = true FROM people p WHERE p.id = u.id AND p.number % 50 = 0;
    ${withEmail ? "" : `INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id, password_hash, created_at) VALUES ('grace_h', 'Grace', 'grace@example.com', 'email', NULL, '${HASH}', '2031-01-01');`}
    INSERT INTO revoked_tokens (user_id, jti, expires_at) SELECT id, 'revoked ' || number, now() + interval '1 day' FROM people WHERE number % 10 = 0;
    INSERT INTO authgraft.sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM people WHERE number % 7 = 0;
    INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM people WHERE number % 9 = 0;
    INSERT INTO authgraft.signing_keys (kid, algorithm, public_jwk, private_jwe) VALUES ('k1', 'ES256', '{"kty": "EC"}', 'sealed');
    DROP TABLE people`);
}

/** Where people's things are, each as one line of text. */
export interface Holdings {
  readonly live: ReadonlySet<string>;
  readonly archived: ReadonlySet<string>;
}

/** What is of value, by the table that holds it, as text; the rest of a row is not. */
const VALUES: readonly (readonly [table: string, value: string])[] = [
  ["revoked_tokens", "jti || ' of ' || coalesce(user_id::text, 'nobody')"],
  ["sessions", "id || ' of ' || user_id"],
  ["accounts", "user_id || ' disabled ' || (disabled_at IS NOT NULL)"],
  ["signing_keys", "kid || ' ' || private_jwe"],
];

/** Reads all that people have left, from the graft and from the archive, whichever stand. */
export async function readHoldings(client: pg.Client, withEmail: boolean): Promise<Holdings> {
  const read = async (schema: "live" | "archived") => {
    const found = new Set<string>();
    for (const [table, columns, name] of await sources(client, schema)) {
      for (const line of await readLines(client, table, columns, name, withEmail)) found.add(line);
    }
    return found;
  };
  return { live: await read("live"), archived: await read("archived") };
}

async function sources(
  client: pg.Client,
  where: "live" | "archived",
): Promise<[table: string, columns: readonly string[], name: string][]> {
  const { rows } = await client.query<{ name: string; relation: string; columns: string[] }>(
    `SELECT c.relname AS name, c.oid::regclass::text AS relation,
       (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns
     FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relname = ANY($1::text[]) AND CASE WHEN $2 THEN s.nspname = 'authgraft_archive'
       ELSE s.nspname = 'authgraft' OR s.nspname = 'public' AND c.relname IN ('users', 'revoked_tokens') END`,
    [["users", ...VALUES.map(([table]) => table)], where === "archived"],
  );
  return rows.map(({ relation, columns, name }) => [relation, columns, name]);
}

async function readLines(
  client: pg.Client,
  table: string,
  columns: readonly string[],
  name: string,
  withEmail: boolean,
): Promise<string[]> {
  const value = VALUES.find(([one]) => one === name)?.[1];
  const values =
    value !== undefined
      ? [`'${name} ' || ${value}`]
      : ["password_hash", "is_admin", ...(withEmail ? ["email"] : [])]
          .filter((column) => columns.includes(column))
          .map((column) => `'${column} of ' || id || ': ' || nullif(${column}::text, 'false')`);
  const lines: string[] = [];
  for (const one of values) {
    const { rows } = await client.query<{ line: string | null }>(`SELECT ${one} AS line FROM ${table}`);
    lines.push(...rows.flatMap(({ line }) => line ?? []));
  }
  return lines;
}

/** What is in the first and not in the second. */
export function missingFrom(wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] {
  return [...wanted].filter((line) => !found.has(line));
}
