import {
  type FormatSettings,
  isVerifiable,
  type PasswordFormat,
  type Reading,
} from "../../../src/passwords/stored-hash.ts";

const NONE: FormatSettings = { unsalted: "refuse", pepper: null, firebaseSignerKey: null, digests: [] };

/** Reads a text with one format, and what is inside it with another; null where the format calls it another's. */
export function readAs(
  format: PasswordFormat,
  stored: string,
  settings: Partial<FormatSettings> = {},
  inside: readonly PasswordFormat[] = [],
): Reading | null {
  const context = {
    settings: { ...NONE, ...settings },
    readInner: (inner: string) => readFirst(inside, inner, { ...NONE, ...settings }),
  };
  return format.read(stored, context);
}

function readFirst(formats: readonly PasswordFormat[], stored: string, settings: FormatSettings): Reading {
  const unknown: Reading = { fault: "unknown", format: null, reason: "No format has it." };
  const context = { settings, readInner: () => unknown };
  for (const format of formats) {
    const reading = format.read(stored, context);
    if (reading !== null) return reading;
  }
  return unknown;
}

/** Whether a reading verifies a password; false where it verifies nothing. */
export function matches(reading: Reading | null, password: string): boolean {
  return reading !== null && isVerifiable(reading) && reading.verify(Buffer.from(password));
}

/** Why a reading verifies nothing; null where it does. */
export function faultOf(reading: Reading | null): string | null {
  return reading === null || isVerifiable(reading) ? null : reading.fault;
}
