import { AT_COMMAND_LINE } from "../../accounts/admin/acting.ts";
import { createSetAdmin } from "../../accounts/admin/set-admin.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { withGraft } from "../with-graft.ts";

/** Makes a user an administrator, or takes that away; repeatable. Whoever has the database has this right, too. */
export async function usersAdmin(
  context: CommandContext,
  userId: string,
  verb: "grant" | "revoke",
): Promise<CommandResult> {
  const { configuration, terminal } = context;
  const user = await withGraft(context, `users admin ${verb}`, (graft) =>
    createSetAdmin({ ...graft, configuration })(userId, verb === "grant", AT_COMMAND_LINE),
  );
  const is = user.is_admin ? "is an administrator" : "is no administrator";
  return {
    exitCode: ExitCode.done,
    json: { user },
    text: terminal.style("green", `Done: user ${user.id} ${is}.`),
  };
}
