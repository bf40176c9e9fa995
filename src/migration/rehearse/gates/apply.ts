import type { Finding } from "../../finding.ts";
import { up } from "../../up.ts";
import { verify } from "../../verify.ts";
import { failed, inWords, type Outcome } from "./outcome.ts";
import { type Room, runOptions } from "./room.ts";

/** What `up` and `verify` came to on a database of the rehearsal. */
export interface Applied {
  readonly steps: number;
  readonly warnings: readonly Finding[];
  readonly seconds: number;
}

/** Runs `up` and `verify`; gives the failure where either is not content. */
export async function apply(room: Room, url: string): Promise<Applied | Outcome<never>> {
  const began = performance.now();
  const { state, steps, refusals, warnings } = await up(runOptions(room, url));
  const seconds = Math.round(performance.now() - began) / 1_000;
  if (state === "refused") return failed(`The plan is refused. ${inWords(refusals)}`, { refusals });
  if (state !== "applied") return failed("up ended, and steps are left to do.", { steps });
  const { ok, findings } = await verify(runOptions(room, url));
  const wrong = findings.filter(({ severity }) => severity === "refusal");
  if (!ok) return failed(`up went through, and verify is not content. ${inWords(wrong)}`, { findings });
  return { steps: steps.length, warnings, seconds };
}

/** Whether it went through. */
export function went(applied: Applied | Outcome<never>): applied is Applied {
  return !("passed" in applied);
}
