import { createOperator } from "../auth/operator.ts";
import type { Configuration } from "../config/schema.ts";
import { createLogger } from "./create-logger.ts";
import type { OperatorSettings } from "./operator-secrets.ts";
import { type RunningServer, serveApplication } from "./serve.ts";

/** What an operator's server is started with. */
export interface ServeOperatorOptions extends OperatorSettings {
  readonly databaseUrl: string;
  readonly configuration: Configuration;
}

/**
 * Starts a server for its operator alone, on a database that may not be grafted.
 *
 * @throws ConfigurationError `secret_weak` without a key, `address_unavailable`, `configuration_invalid`.
 */
export async function serveOperator(options: ServeOperatorOptions): Promise<RunningServer> {
  const { databaseUrl, configuration, ...settings } = options;
  const logger = createLogger();
  const operator = createOperator({ database: databaseUrl, configuration, logger, ...settings });
  return serveApplication(operator, configuration, logger);
}
