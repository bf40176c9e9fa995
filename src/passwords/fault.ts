import type { CostBound, Unverifiable } from "./stored-hash.ts";

/** A text that begins like its format's and is none of it. */
export function malformed(format: string, reason = "It is not well formed."): Unverifiable {
  return { fault: "malformed", format, reason };
}

/** A well-formed text that asks for more work than its format's bound allows. */
export function tooCostly(format: string, { parameter, most, unit }: CostBound): Unverifiable {
  const bound = unit === undefined ? `${most}` : `${most} ${unit}`;
  return { fault: "too-costly", format, reason: `Its ${parameter} is above ${bound}.` };
}
