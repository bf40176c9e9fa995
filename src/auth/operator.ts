import { SILENT } from "../accounts/logger.ts";
import { parseConfiguration } from "../config/parse.ts";
import { ConfigurationError } from "../errors.ts";
import { createAdminAccess } from "../http/admin-access.ts";
import { createAdminKey } from "../http/admin-key.ts";
import { createOperatorApp } from "../http/operator-app.ts";
import { connect } from "../postgres/connect.ts";
import { openOperatorDesks } from "./operator-desks.ts";
import type { AuthOptions } from "./options.ts";
import { recordElsewhere } from "./record-elsewhere.ts";

/** A server for its operator alone. */
export interface Operator {
  /** Answers a request; `address` is where the connection came from. */
  fetch(request: Request, from?: { readonly address?: string | undefined }): Promise<Response>;
  /** Begins to interrupt what runs: a server that stops listening would wait for it. */
  endStreams(): void;
  /** Interrupts what runs, and waits until it has ended. */
  close(): Promise<void>;
}

/** What it is opened with. */
export interface OperatorOptions
  extends Pick<
    AuthOptions,
    "configuration" | "logger" | "now" | "adminApiKey" | "adminQueryDatabase" | "migrationDatabase"
  > {
  /** A `postgres://` URL: whether it answers is what `GET /readyz` tells. */
  readonly database: string;
}

/**
 * Opens what an operator does by the key, on a database that may not be grafted: the migration and queries. Nobody can
 * sign in to it.
 *
 * @throws ConfigurationError `secret_weak` without a key; `configuration_invalid`.
 */
export function createOperator(options: OperatorOptions): Operator {
  const { database, adminApiKey, logger = SILENT, now = Date.now } = options;
  const configuration = parseConfiguration(options.configuration);
  if (adminApiKey === undefined) throw keyMissing();
  const { schema, publicUrl, trustedProxies } = configuration;
  const where = { databaseUrl: options.migrationDatabase ?? database, schema, logger };
  const refusedKey = async () => logger.warn({}, "a wrong administrators' key was refused");
  const desks = openOperatorDesks(options, {
    ...{ configuration, logger, now, hashes: null },
    record: (event) => recordElsewhere(where, event),
  });
  const app = createOperatorApp({
    ...{ ...desks, logger, now, publicUrl },
    access: createAdminAccess({
      key: createAdminKey(adminApiKey),
      trustedProxies,
      accounts: null,
      refusedKey,
      refusedUser: async () => undefined,
    }),
    accounts: { assertReady: () => assertAnswers(database) },
  });
  return {
    fetch: async (request, from = {}) => app.fetch(request, from),
    endStreams: () => void desks.stop().catch(() => undefined),
    close: desks.stop,
  };
}

async function assertAnswers(database: string): Promise<void> {
  await (await connect(database, { applicationName: "authgraft", timeout: 2_000 })).end();
}

function keyMissing(): ConfigurationError {
  return new ConfigurationError("secret_weak", "ADMIN_API_KEY is not set, and nobody else is let in here.", {
    fix: "Make one with `openssl rand -base64 48 | tr -d '\\n'`, and set it as ADMIN_API_KEY or name its file as ADMIN_API_KEY_FILE.",
  });
}
