import type { Finding } from "../../migration/finding.ts";
import { type Verification, verify as verifyDatabase } from "../../migration/verify.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { countFindings, printFindings } from "../print/findings.ts";
import { plural, type Terminal } from "../terminal.ts";

/** Checks a grafted database against the plan, the record and the journal. */
export async function verify(context: CommandContext): Promise<CommandResult> {
  const result = await interruptible(verifyDatabase(context), context.signal);
  return {
    exitCode: result.ok ? ExitCode.done : ExitCode.verification,
    json: result,
    text: print(result, context.terminal),
  };
}

function print({ ok, findings }: Verification, terminal: Terminal): string {
  const counts = countFindings(findings, "fault");
  const verdict = ok
    ? terminal.style("green", "The graft is whole.")
    : terminal.style("red", "The graft is not as it should be.");
  return [
    ...(findings.length === 0 ? [] : [printFindings(joinPending(findings), terminal), ""]),
    counts === "" ? verdict : `${verdict} ${counts}.`,
  ].join("\n");
}

/** Steps that are not done say the same of each: to a person they are one point. */
function joinPending(findings: readonly Finding[]): Finding[] {
  const pending = findings.filter(({ code }) => code === "step_pending");
  const [first] = pending;
  if (first === undefined || pending.length === 1) return [...findings];
  const names = pending.map(({ object }) => object).join(", ");
  const joined = {
    ...first,
    object: plural(pending.length, "step"),
    message: `These steps are not done: ${names}.`,
    fix: "See what they would do with authgraft plan, and do it with authgraft up.",
  };
  return findings.flatMap((finding) =>
    finding === first ? [joined] : finding.code === "step_pending" ? [] : [finding],
  );
}
