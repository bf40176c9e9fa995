import {
  type OperatorContext,
  type Revoked,
  revokeSessionById,
  revokeTokenById,
  revokeUserById,
} from "../../accounts/revoke-by-operator.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { printRevoked } from "../print/tokens.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { withGraft } from "../with-graft.ts";

/** What the command line adds: exactly one of them. */
export interface RevokeFlags {
  readonly tokenId?: string;
  readonly session?: string;
  readonly user?: string;
}

/** Revokes one token, ends one session, or ends all that a user has. */
export async function tokensRevoke(context: CommandContext, flags: RevokeFlags): Promise<CommandResult> {
  const revoke = revocationOf(flags);
  const { configuration, terminal } = context;
  const revoked = await withGraft(context, "revoke", (graft) => revoke({ ...graft, configuration }));
  return { exitCode: ExitCode.done, json: revoked, text: printRevoked(revoked, terminal) };
}

/** @throws ConfigurationError `usage_invalid` unless exactly one of the options is given. */
function revocationOf(flags: RevokeFlags): (context: OperatorContext) => Promise<Revoked> {
  const { tokenId, session, user } = flags;
  const given = [tokenId, session, user].filter((id) => id !== undefined).length;
  if (given === 1 && tokenId !== undefined) return (context) => revokeTokenById(context, tokenId);
  if (given === 1 && session !== undefined) return (context) => revokeSessionById(context, session);
  if (given === 1 && user !== undefined) return (context) => revokeUserById(context, user);
  throw wrongUsage("What is to be revoked?", "Say exactly one of --token-id, --session and --user.");
}
