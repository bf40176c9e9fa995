import { AuthgraftError } from "../errors.ts";
import type { CommandContext } from "./command.ts";

/**
 * Asks before something is changed. Without a terminal nobody can answer, so `--yes` has to say it.
 *
 * @throws AuthgraftError `confirmation_required` without a terminal and without `--yes`; `interrupted`.
 */
export async function confirm(context: CommandContext, command: string, question: string): Promise<boolean> {
  if (context.yes) return true;
  if (context.terminal.interactive && !context.json)
    return context.terminal.confirm(question, context.signal);
  throw new AuthgraftError(
    "confirmation_required",
    `${command} changes the database, and nobody can be asked here.`,
    { fix: `Say it with --yes: authgraft ${command} --yes` },
  );
}
