import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { readOperatorSettings } from "../operator-secrets.ts";
import { readSecrets, readSmtpUrl } from "../secrets.ts";
import { serve as startServer } from "../serve.ts";
import { serveOperator } from "../serve-operator.ts";
import { untilAborted } from "../until-aborted.ts";

/** What the command line adds. */
export interface ServeFlags {
  readonly operator?: boolean;
}

/** Serves sign-in, or with `--operator` only what its operator does, until it is told to stop. */
export async function serve(
  context: CommandContext,
  { operator = false }: ServeFlags,
): Promise<CommandResult> {
  const server = await (operator ? startOperator(context) : startSignIn(context));
  try {
    await untilAborted(context.signal);
  } finally {
    await server.close();
  }
  return { exitCode: ExitCode.done, json: { state: "stopped" }, text: "Stopped." };
}

async function startOperator({ databaseUrl, configuration, environment, terminal }: CommandContext) {
  const settings = await readOperatorSettings(environment);
  const server = await serveOperator({ databaseUrl, configuration, ...settings });
  const routes = [
    ...(settings.migrationDatabase === undefined ? [] : ["/admin/migrations"]),
    ...(settings.adminQueryDatabase === undefined ? [] : ["/admin/query"]),
  ];
  const served = routes.length === 0 ? "nothing yet: set MIGRATION_DATABASE_URL" : routes.join(" and ");
  terminal.note(`authgraft serves its operator on ${server.url}: ${served}`);
  return server;
}

async function startSignIn({ databaseUrl, configuration, environment, terminal }: CommandContext) {
  const secret = await readSecrets(environment);
  assertNotInProduction(configuration, environment.NODE_ENV);
  const smtpUrl = await readSmtpUrl(environment);
  const settings = await readOperatorSettings(environment);
  const server = await startServer({ databaseUrl, configuration, secret, smtpUrl, ...settings });
  terminal.note(`authgraft serves sign-in on ${server.url}`);
  if (configuration.development) terminal.note(`In development: mails are shown at ${server.url}/dev/outbox`);
  return server;
}

/** The outbox shows everybody's links to whoever asks. */
function assertNotInProduction({ development }: Configuration, environment: string | undefined): void {
  if (!development || environment !== "production") return;
  throw new ConfigurationError(
    "configuration_invalid",
    '"development" is true, and NODE_ENV is production.',
    {
      fix: "Leave development out of the configuration; to try something out, set NODE_ENV to something else.",
    },
  );
}
