import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { readSecrets } from "../secrets.ts";
import { serve as startServer } from "../serve.ts";
import { untilAborted } from "../until-aborted.ts";

/** Serves sign-in until it is told to stop; requests on their way finish first. */
export async function serve(context: CommandContext): Promise<CommandResult> {
  const { databaseUrl, configuration, environment, terminal, signal } = context;
  const secret = await readSecrets(environment);
  const server = await startServer({ databaseUrl, configuration, secret });
  terminal.note(`authgraft serves sign-in on ${server.url}`);
  try {
    await untilAborted(signal);
  } finally {
    await server.close();
  }
  return { exitCode: ExitCode.done, json: { state: "stopped" }, text: "Stopped." };
}
