import { decodeLenientBase64 } from "./base64.ts";

/** A user's fields in Firebase's export, base64. */
export interface FirebaseUserHash {
  readonly passwordHash: string;
  readonly salt: string;
}

/** A project's "password hash parameters", as Firebase's console shows them; the signer key stays in the configuration. */
export interface FirebaseHashParameters {
  /** Base64. */
  readonly saltSeparator: string;
  readonly rounds: number;
  /** The logarithm of scrypt's n to the base of 2. */
  readonly memoryCost: number;
}

/**
 * Writes a user of Firebase's export as one text that fits a column of 255 characters; null where a field
 * is no base64 or there is no hash.
 *
 * @example firebaseHash({ passwordHash, salt }, { saltSeparator: "Bw==", rounds: 8, memoryCost: 14 })
 *   // "$firebase-scrypt$ln=14,r=8$<salt>$<saltSeparator>$<hash>"
 */
export function firebaseHash(user: FirebaseUserHash, parameters: FirebaseHashParameters): string | null {
  const texts = [user.salt, parameters.saltSeparator, user.passwordHash].map(toOneBase64);
  const [salt, saltSeparator, hash] = texts;
  if (texts.includes(null) || hash === "") return null;
  return `$firebase-scrypt$ln=${parameters.memoryCost},r=${parameters.rounds}$${salt}$${saltSeparator}$${hash}`;
}

/** Firebase's tools write either alphabet, with padding or without. */
function toOneBase64(text: string): string | null {
  return text === "" ? "" : (decodeLenientBase64(text)?.toString("base64") ?? null);
}
