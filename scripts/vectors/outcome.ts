import { createHashReader } from "../../src/passwords/registry.ts";
import { type HashFault, isVerifiable } from "../../src/passwords/stored-hash.ts";
import type { Kind, Vector } from "./rows.ts";

/**
 * What came of a vector: why its hash verifies nothing; or that it can be verified, and whether its password
 * matches and a changed one does not. `verifiable` is said where the row has no password to try, `threw` of what no
 * format may do.
 */
export type Outcome = HashFault | "matches" | "no-match" | "matches-another" | "verifiable" | "threw";

/** What is well for each kind. Unsalted ones are verified here, so what is refused is refused as a whole. */
export const WANTED: Readonly<Record<Kind, readonly Outcome[]>> = {
  correct: ["matches"],
  malformed: ["malformed", "too-costly", "refused"],
  unidentified: ["unknown"],
  unusable: ["unusable"],
};

/** Reads a vector's hash, and verifies its password and a changed one where there is something to verify. */
export function outcomeOf(vector: Vector): Outcome {
  try {
    return readAndVerify(vector);
  } catch {
    return "threw";
  }
}

function readAndVerify({ hash, password, settings }: Vector): Outcome {
  const reading = createHashReader(settings)(hash);
  if (!isVerifiable(reading)) return reading.fault;
  if (password === null) return "verifiable";
  // Copies, for some libraries wipe what they have been given.
  if (!reading.verify(Buffer.from(password))) return "no-match";
  return reading.verify(changed(password)) ? "matches-another" : "matches";
}

/** A password that differs in a bit of its first byte, which every format counts; never by or into a NUL. */
function changed(password: Buffer): Buffer {
  const [first] = password;
  if (first === undefined) return Buffer.from("x");
  return Buffer.concat([Buffer.of(first === 1 ? 2 : first ^ 1), password.subarray(1)]);
}
