import { type ListedKey, listKeys } from "../../tokens/keys/list-keys.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { printKeys } from "../print/keys.ts";
import { withKeyStore } from "../with-key-store.ts";

/** Every signing key, what it is for and when. */
export async function keysList(context: CommandContext): Promise<CommandResult> {
  const keys = await interruptible(withKeyStore(context, listKeys), context.signal);
  return {
    exitCode: ExitCode.done,
    json: { keys: keys.map(toJson) },
    text: printKeys(keys, context.terminal),
  };
}

function toJson({ kid, algorithm, state, createdAt, activeAt, retiredAt, expiresAt }: ListedKey) {
  const times = { created_at: createdAt, active_at: activeAt, retired_at: retiredAt, expires_at: expiresAt };
  return { kid, algorithm, state, ...times };
}
