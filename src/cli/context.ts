import type { Configuration } from "../config/schema.ts";
import type { CommandContext } from "./command.ts";
import { checkDatabaseUrl } from "./database-url.ts";
import { loadConfiguration, type Overrides } from "./load-configuration.ts";
import type { Terminal } from "./terminal.ts";

/** The options that every command takes, as the parser hands them on. */
export interface SharedFlags {
  readonly databaseUrl?: string;
  readonly table?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly accept?: readonly string[];
  readonly lockBudget?: number;
  readonly lockDeadline?: number;
  readonly port?: number;
  readonly host?: string;
}

/** What surrounds the command: nothing below reads the process. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/**
 * Puts together what a command works with: the configuration file, then the environment, then the flags.
 *
 * @throws ConfigurationError `database_url_missing`, `configuration_invalid`.
 */
export async function commandContext(flags: SharedFlags, around: Surroundings): Promise<CommandContext> {
  const configuration = await configurationOf(flags, around);
  return {
    databaseUrl: databaseUrlOf(flags, around, configuration),
    configuration,
    environment: around.environment,
    terminal: around.terminal,
    signal: around.signal,
    json: flags.json ?? false,
    yes: flags.yes ?? false,
  };
}

/** @throws ConfigurationError `configuration_invalid`. */
export async function configurationOf(flags: SharedFlags, around: Surroundings): Promise<Configuration> {
  return loadConfiguration(flags.config, around.directory, overrides(flags, around));
}

/** @throws ConfigurationError `database_url_missing`, `configuration_invalid`. */
export function databaseUrlOf(flags: SharedFlags, around: Surroundings, { databaseUrl }: Configuration) {
  return checkDatabaseUrl(flags.databaseUrl ?? (around.environment.DATABASE_URL || databaseUrl));
}

function overrides(flags: SharedFlags, { environment }: Surroundings): Overrides {
  const pepper = environment.AUTHGRAFT_PASSWORD_PEPPER;
  const signerKey = environment.AUTHGRAFT_FIREBASE_SIGNER_KEY;
  return {
    ...(pepper ? { passwordPepper: pepper } : {}),
    ...(signerKey ? { firebaseSignerKey: signerKey } : {}),
    ...(flags.table === undefined ? {} : { table: flags.table }),
    ...(flags.accept === undefined ? {} : { accept: flags.accept }),
    ...(flags.lockBudget === undefined ? {} : { lockBudgetMilliseconds: flags.lockBudget }),
    ...(flags.lockDeadline === undefined ? {} : { lockDeadlineSeconds: flags.lockDeadline }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
  };
}
