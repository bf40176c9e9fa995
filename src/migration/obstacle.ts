import type { Finding } from "./finding.ts";

/** A refusal that a step itself raises: nothing a person could wave through. */
export function obstacle(code: string, object: string, message: string, fix: string): Finding {
  return { code, severity: "refusal", acceptable: false, object, message, fix, evidence: null };
}
