import { nearMatches } from "../../config/near-match.ts";
import type { Finding } from "../finding.ts";
import { warning } from "./evidence.ts";

/** The codes of refusals that a person may accept: what they warn of depends on what happens elsewhere. */
export const ACCEPTABLE_CODES = [
  "provider_check",
  "provider_duplicates",
  "published",
  "rule_replaces_writes",
  "subscribed",
] as const;

/** Makes warnings of the refusals that were accepted. */
export function applyAcceptance(findings: readonly Finding[], accept: readonly string[]): Finding[] {
  return findings.map((finding) =>
    finding.acceptable && accept.includes(finding.code) ? { ...finding, severity: "warning" } : finding,
  );
}

/** A word on every accepted code that is none. */
export function unknownAcceptances(accept: readonly string[]): Finding[] {
  const known: readonly string[] = ACCEPTABLE_CODES;
  return accept
    .filter((code) => !known.includes(code))
    .map((code) => {
      const near = nearMatches(code, known);
      return warning({
        code: "accept_unknown",
        object: code,
        message: `No refusal of the code ${JSON.stringify(code)} can be accepted.`,
        fix:
          near.length > 0
            ? `Did you mean ${near.join(" or ")}?`
            : `Take it out of accept; accepted can be ${known.join(", ")}.`,
        evidence: null,
      });
    });
}
