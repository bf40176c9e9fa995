import { timingSafeEqual } from "node:crypto";
import { tooCostly } from "../fault.ts";
import { deriveDescribed, readDescribed } from "../primitives/described-digest.ts";
import type { CostBound, DigestDescription, PasswordFormat, Reading } from "../stored-hash.ts";

const ITERATIONS: CostBound = {
  parameter: "iterations",
  most: 1_000_000,
  reason: "ten times what applications of their own kind are known to do; about two seconds of one core",
};

/** Salted digests that the configuration describes. The first description that a text fits has it. */
export const describedDigestFormat: PasswordFormat = {
  id: "described-digest",
  title: "Salted digests that the configuration describes",
  writtenBy: ["applications of their own kind"],
  shapes: ["as the layout in passwords.legacy.digests says"],
  bounds: [ITERATIONS],
  note: "A text that begins like another format's is that format's.",
  read(stored, { settings }) {
    for (const description of settings.digests) {
      const parts = readDescribed(description, stored);
      if (parts !== null) return toReading(description, parts);
    }
    return null;
  },
};

function toReading(
  description: DigestDescription,
  { salt, digest }: { readonly salt: Buffer; readonly digest: Buffer },
): Reading {
  const { algorithm, order, iterations, iterateOver } = description;
  if (iterations > ITERATIONS.most) return tooCostly("described-digest", ITERATIONS);
  return {
    format: "described-digest",
    parameters: { digest: algorithm, order, iterations, iterateOver },
    significantBytes: null,
    verify: (password) => timingSafeEqual(deriveDescribed(description, salt, password), digest),
  };
}
