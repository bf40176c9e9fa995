import type { CommandContext, CommandResult } from "./command.ts";
import type { SharedFlags } from "./context.ts";

/** Runs one command and tells its exit code. */
export type Finish = (result: CommandResult, json: boolean) => void;

/** Makes the action of a command. */
export type Run = <Flags extends SharedFlags>(
  work: (context: CommandContext, flags: Flags) => Promise<CommandResult>,
) => (flags: Flags) => Promise<void>;
