import type { SampleName } from "../../src/embedded/samples/shape.ts";
import type { TestDatabase } from "./postgres.ts";

const HASH = "$pbkdf2-sha256$1000$c2FsdHNhbHQ$plainly-not-a-real-hash";

/** How much of each kind `addSignInData` puts in, as `down` counts it. */
export const ADDED_TO: Readonly<Record<SampleName, Readonly<Record<string, number>>>> = {
  a: { email: 3, password: 2, admin: 1, revoked_tokens: 2, accounts: 2, sessions: 1 },
  b: { password: 3, admin: 1, no_provider: 1, revoked_tokens: 2, accounts: 2, sessions: 1 },
};

/**
 * What people leave behind once they sign in: of every kind that `down` counts, and of every kind that it does not
 * count because nothing would be lost with it (an expired revocation, an ended session, an account without state).
 */
export async function addSignInData(database: TestDatabase, sample: SampleName): Promise<void> {
  const user = (position: number) =>
    `(SELECT id FROM users ORDER BY created_at, id OFFSET ${position} LIMIT 1)`;
  const emails = [0, 1, 2].map(
    (position) => `UPDATE users SET email = 'Ada.${position}@Example.com' WHERE id = ${user(position)};`,
  );
  await database.query(`
    ${sample === "a" ? emails.join("\n") : ""}
    UPDATE users SET password_hash = '${HASH}' WHERE id IN (${user(1)}, ${user(2)});
    UPDATE users SET is_admin = true WHERE id = ${user(2)};
    ${sample === "b" ? `INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id, password_hash, created_at) VALUES ('grace_h', 'Grace', 'grace@example.com', 'email', NULL, '${HASH}', '2031-01-01');` : ""}
    INSERT INTO revoked_tokens (user_id, jti, expires_at) VALUES
      (${user(0)}, 'live', now() + interval '1 day'), (NULL, 'live of nobody', now() + interval '1 hour'),
      (${user(1)}, 'expired', now() - interval '1 second');
    INSERT INTO authgraft.sessions (user_id, expires_at, ended_at) VALUES
      (${user(0)}, now() + interval '1 day', NULL), (${user(0)}, now() - interval '1 day', NULL), (${user(1)}, now() + interval '1 day', now());
    INSERT INTO authgraft.accounts (user_id, disabled_at, verified_email, verified_at) VALUES
      (${user(3)}, now(), NULL, NULL), (${user(1)}, NULL, 'ada@example.com', now()), (${user(4)}, NULL, NULL, NULL);
    INSERT INTO authgraft.signing_keys (kid, algorithm, public_jwk, private_jwe) VALUES ('k1', 'ES256', '{"kty": "EC"}', 'sealed')`);
}
