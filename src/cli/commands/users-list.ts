import type { AdminUser } from "../../accounts/admin/admin-user.ts";
import { createListUsers } from "../../accounts/admin/list-users.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { printUsers } from "../print/users.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { withGraft } from "../with-graft.ts";

/** What the command line adds. */
export interface ListFlags {
  readonly search?: string;
  readonly limit?: number;
}

const USUAL = 50;

/** Users that are read at once. */
const PAGE = 200;

/** Lists users who are not marked as deleted, in the order of their ids. */
export async function usersList(context: CommandContext, flags: ListFlags): Promise<CommandResult> {
  const { search, limit = USUAL } = flags;
  if (limit === 0) throw wrongUsage("How many users?", "Give --limit a number above 0.");
  const { configuration, terminal } = context;
  const { users, isWhole } = await withGraft(context, "users list", async (graft) => {
    const list = createListUsers({ ...graft, configuration });
    const found: AdminUser[] = [];
    let cursor: string | null | undefined;
    while (found.length < limit && cursor !== null) {
      const page = await list({ search, limit: Math.min(PAGE, limit - found.length), cursor });
      found.push(...page.users);
      cursor = page.next_cursor;
    }
    return { users: found, isWhole: cursor === null };
  });
  return {
    exitCode: ExitCode.done,
    json: { users, more: !isWhole },
    text: printUsers(users, isWhole, terminal),
  };
}
