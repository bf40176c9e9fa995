import type { Configuration } from "../config/schema.ts";
import { argon2Format, argon2Hasher } from "./formats/argon2.ts";
import { bcryptFormat, bcryptHasher } from "./formats/bcrypt.ts";
import { pbkdf2Format, pbkdf2Hasher } from "./formats/pbkdf2.ts";
import type {
  FormatContext,
  FormatSettings,
  PasswordFormat,
  PasswordHasher,
  Reading,
} from "./stored-hash.ts";

/** Every format that is recognised, in the order in which they are asked. */
export const PASSWORD_FORMATS: readonly PasswordFormat[] = [argon2Format, bcryptFormat, pbkdf2Format];

/** No format's texts are longer; what is beyond it is nobody's hash and is not even looked at. */
const LONGEST_TEXT = 4_096;

/** Reads a stored hash by the text alone. */
export type ReadStoredHash = (stored: string) => Reading;

/** Makes the reader: the first format that does not call a text another's has it. */
export function createHashReader(settings: FormatSettings): ReadStoredHash {
  const inner: FormatContext = { settings, readInner: () => unknown("A wrapping stands inside a wrapping.") };
  const outer: FormatContext = { settings, readInner: (stored) => readWith(stored, inner) };
  return (stored) => readWith(stored, outer);
}

function readWith(stored: string, context: FormatContext): Reading {
  if (stored.length > LONGEST_TEXT) return unknown("It is longer than any format's texts.");
  for (const format of PASSWORD_FORMATS) {
    const reading = format.read(stored, context);
    if (reading !== null) return reading;
  }
  return unknown("No format has texts of this shape.");
}

const unknown = (reason: string): Reading => ({ fault: "unknown", format: null, reason });

/** What the configuration says about new hashes. */
export type HashSettings = Pick<Configuration["passwords"], "algorithm" | "bcryptCost">;

/** The hasher the configuration asks for. */
export function chooseHasher(settings: HashSettings): PasswordHasher {
  switch (settings.algorithm) {
    case "argon2id":
      return argon2Hasher();
    case "bcrypt":
      return bcryptHasher(settings.bcryptCost);
    case "pbkdf2-sha256":
      return pbkdf2Hasher();
  }
}
