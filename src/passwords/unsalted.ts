import type { Unverifiable } from "./stored-hash.ts";

/** A hash without a salt, where the configuration does not have such verified. */
export function refuseUnsalted(format: string): Unverifiable {
  const reason = 'It has no salt; passwords.legacy.unsalted: "verify" has such hashes verified.';
  return { fault: "refused", format, reason };
}
