import { type RotatedKeys, type Rotation, rotateKeys } from "../../tokens/keys/rotate-keys.ts";
import { SPREAD_SECONDS } from "../../tokens/signing-keys.ts";
import type { KeyStore } from "../../tokens/stored-keys.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../exit-codes.ts";
import { printRotated } from "../print/keys.ts";
import { wrongUsage } from "../rehearse/usage.ts";
import { withKeyStore } from "../with-key-store.ts";

/** What the command line adds. */
export interface RotateFlags {
  readonly now?: boolean;
  readonly compromised?: boolean;
  /** Seconds. */
  readonly grace?: number;
  /** Seconds. */
  readonly lead?: number;
}

const COMMAND = "keys rotate";

/** Asks, then makes a new signing key and retires the others. */
export async function keysRotate(context: CommandContext, flags: RotateFlags): Promise<CommandResult> {
  assertFlags(flags);
  if (!(await confirm(context, COMMAND, question(flags)))) {
    return { exitCode: ExitCode.done, json: { state: "unchanged" }, text: "Nothing was changed." };
  }
  const rotated = await withKeyStore(context, (store) =>
    rotateKeys(store, rotationOf(flags, store), Date.now),
  );
  return { exitCode: ExitCode.done, json: toJson(rotated), text: printRotated(rotated, context.terminal) };
}

/** @throws ConfigurationError `usage_invalid` where two options say the opposite of each other. */
function assertFlags({ now, compromised, grace, lead }: RotateFlags): void {
  if (compromised && grace !== undefined) {
    throw wrongUsage("--compromised leaves the old keys no grace time.", "Leave out --grace.");
  }
  if ((now || compromised) && lead !== undefined) {
    throw wrongUsage("With --now or --compromised the new key signs at once.", "Leave out --lead.");
  }
}

function question({ compromised = false }: RotateFlags): string {
  return compromised
    ? "Make a new signing key and refuse from now on EVERY access token that was signed before?"
    : "Make a new signing key and retire the others?";
}

function rotationOf({ now, compromised = false, grace, lead }: RotateFlags, store: KeyStore): Rotation {
  return {
    leadSeconds: now ? 0 : (lead ?? SPREAD_SECONDS),
    graceSeconds: grace ?? store.graceSeconds,
    isCompromised: compromised,
  };
}

function toJson({ kid, algorithm, activeAt, retired }: RotatedKeys) {
  return {
    ...{ state: "rotated", kid, algorithm, active_at: activeAt },
    retired: retired.map((key) => ({ kid: key.kid, expires_at: key.expiresAt })),
  };
}
