import { guardPool } from "../accounts/guarded-pool.ts";
import { assertGrafted } from "../migration/assert-grafted.ts";
import { connect, createPool } from "../postgres/connect.ts";
import { prepareSession } from "../postgres/migration-session.ts";
import { requireSecrets } from "../tokens/secret.ts";
import { type KeyStore, keyStore } from "../tokens/stored-keys.ts";
import type { CommandContext } from "./command.ts";
import { readSecrets } from "./secrets.ts";

const APPLICATION = { applicationName: "authgraft (keys)", size: 1 };

/**
 * Lends the signing keys of a grafted database, as a server with the same configuration and secrets has them.
 *
 * @throws ConfigurationError `secret_weak`; MigrationError `not_grafted`; DatabaseError.
 */
export async function withKeyStore<Result>(
  { databaseUrl, configuration, environment }: CommandContext,
  work: (store: KeyStore) => Promise<Result>,
): Promise<Result> {
  const secrets = requireSecrets(await readSecrets(environment));
  const looking = await connect(databaseUrl, APPLICATION);
  try {
    await prepareSession(looking, { readOnly: true });
    await assertGrafted(looking, configuration);
  } finally {
    await looking.end();
  }
  const pool = createPool(databaseUrl, APPLICATION);
  try {
    return await work(keyStore(guardPool(pool), configuration, secrets));
  } finally {
    await pool.end();
  }
}
