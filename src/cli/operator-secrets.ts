import { checkDatabaseUrl } from "./database-url.ts";
import { readSecret } from "./secrets.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says of administration over HTTP; what is not set is off. */
export interface OperatorSettings {
  readonly adminApiKey?: string;
  readonly adminQueryDatabase?: string;
  readonly migrationDatabase?: string;
}

/**
 * Reads them. What is empty is not set, save a file that is named: an empty one is a mistake.
 *
 * @throws ConfigurationError `configuration_invalid`; `secret_weak` is for whoever uses the key to say.
 */
export async function readOperatorSettings(environment: Environment): Promise<OperatorSettings> {
  const key = await readSecret(
    { name: "ADMIN_API_KEY", value: environment.ADMIN_API_KEY },
    { name: "ADMIN_API_KEY_FILE", value: environment.ADMIN_API_KEY_FILE },
  );
  const isSet = key !== "" || Boolean(environment.ADMIN_API_KEY_FILE);
  const query = environment.ADMIN_QUERY_DATABASE_URL;
  const migration = environment.MIGRATION_DATABASE_URL;
  return {
    ...(isSet ? { adminApiKey: key } : {}),
    ...(query ? { adminQueryDatabase: checkDatabaseUrl(query) } : {}),
    ...(migration ? { migrationDatabase: checkDatabaseUrl(migration) } : {}),
  };
}
