import type { Configuration } from "../config/schema.ts";
import { argon2Format, argon2Hasher } from "./formats/argon2.ts";
import { bcryptFormat, bcryptHasher } from "./formats/bcrypt.ts";
import { pbkdf2Format, pbkdf2Hasher } from "./formats/pbkdf2-sha256.ts";
import type { HashFault, PasswordFormat, PasswordHasher, StoredHash } from "./stored-hash.ts";

/** Every format that is verified, whichever one new passwords are hashed with. */
export const PASSWORD_FORMATS: readonly PasswordFormat[] = [argon2Format, bcryptFormat, pbkdf2Format];

/** Reads a stored hash by the text alone: the first format that does not call it another's has it. */
export function readStoredHash(stored: string): StoredHash | HashFault {
  for (const format of PASSWORD_FORMATS) {
    const reading = format.read(stored);
    if (reading !== "unknown") return reading;
  }
  return "unknown";
}

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
