import type { Configuration } from "../../config/schema.ts";
import { ConfigurationError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { readSecrets, readSmtpUrl } from "../secrets.ts";
import { serve as startServer } from "../serve.ts";
import { untilAborted } from "../until-aborted.ts";

/** Serves sign-in until it is told to stop; requests on their way finish first. */
export async function serve(context: CommandContext): Promise<CommandResult> {
  const { databaseUrl, configuration, environment, terminal, signal } = context;
  const secret = await readSecrets(environment);
  assertNotInProduction(configuration, environment.NODE_ENV);
  const smtpUrl = await readSmtpUrl(environment);
  const server = await startServer({ databaseUrl, configuration, secret, smtpUrl });
  terminal.note(`authgraft serves sign-in on ${server.url}`);
  if (configuration.development) terminal.note(`In development: mails are shown at ${server.url}/dev/outbox`);
  try {
    await untilAborted(signal);
  } finally {
    await server.close();
  }
  return { exitCode: ExitCode.done, json: { state: "stopped" }, text: "Stopped." };
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
