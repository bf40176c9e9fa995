import { assertDownOptions, type DownResult, down as takeOut } from "../../migration/down.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../exit-codes.ts";
import { printFindings } from "../print/findings.ts";
import { reportingSteps } from "../print/progress.ts";
import { printRefused } from "../print/refused.ts";
import { plural, type Terminal, wrap } from "../terminal.ts";

/** What the command line adds. */
export interface DownFlags {
  readonly step: boolean;
  readonly archive: boolean;
  readonly discardData: boolean;
}

/** Asks, then takes the graft out, or refuses and says what would be lost. */
export async function down(context: CommandContext, flags: DownFlags): Promise<CommandResult> {
  assertDownOptions(flags);
  if (!(await confirm(context, "down", question(flags)))) return declined();
  const result = await reportingSteps(context.terminal, context.json, (onProgress) =>
    takeOut({ ...context, ...flags, onProgress }),
  );
  return {
    exitCode: result.state === "refused" ? ExitCode.refused : ExitCode.done,
    json: result,
    text: print(result, context.terminal),
  };
}

function question({ step, archive, discardData }: DownFlags): string {
  const what = step ? "Take the last step back" : "Take the whole graft out";
  if (discardData) return `${what} and THROW AWAY emails, passwords and everything else that is in it?`;
  return archive
    ? `${what}, and keep aside what is in it?`
    : `${what}? (It refuses if anything would be lost.)`;
}

function declined(): CommandResult {
  return { exitCode: ExitCode.done, json: { state: "applied", refusals: [] }, text: "Nothing was changed." };
}

function print(result: DownResult, terminal: Terminal): string {
  if (result.state === "refused") {
    const findings = printFindings(result.refusals, terminal);
    return `${findings}\n\n${printRefused(result.notes, terminal)}`;
  }
  if (result.steps.length === 0) return "Nothing to do: there is no graft here.";
  const lines = [
    ...result.notes,
    ...(result.archive === null
      ? []
      : [`Kept aside in the schema ${result.archive}; authgraft up --restore brings it back.`]),
  ];
  return [
    terminal.style("green", `Done: ${plural(result.steps.length, "step")} taken back.`),
    ...lines.map((line) => wrap(line, terminal.width)),
  ].join("\n");
}
