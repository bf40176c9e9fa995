import { type Verification, verify as verifyDatabase } from "../../migration/verify.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { countFindings, printFindings } from "../print/findings.ts";
import type { Terminal } from "../terminal.ts";

/** Checks a grafted database against the plan, the record and the journal. */
export async function verify(context: CommandContext): Promise<CommandResult> {
  const result = await verifyDatabase(context);
  return {
    exitCode: result.ok ? ExitCode.done : ExitCode.verification,
    json: result,
    text: print(result, context.terminal),
  };
}

function print({ ok, findings }: Verification, terminal: Terminal): string {
  const wrong = findings.filter((finding) => finding.severity === "refusal").length;
  const counts = countFindings(wrong, findings.length - wrong).replace("refusal", "fault");
  const verdict = ok
    ? terminal.style("green", "The graft is whole.")
    : terminal.style("red", "The graft is not as it should be.");
  return [
    ...(findings.length === 0 ? [] : [printFindings(findings, terminal), ""]),
    counts === "" ? verdict : `${verdict} ${counts}.`,
  ].join("\n");
}
