import { createCipheriv, timingSafeEqual } from "node:crypto";
import { malformed } from "../fault.ts";
import type { Reading } from "../stored-hash.ts";
import { deriveScrypt, findScryptFault, type ScryptCost } from "./scrypt.ts";

/** A Firebase hash with all that its project adds to it. */
export interface FirebaseScryptParts {
  readonly cost: ScryptCost;
  readonly salt: Uint8Array;
  readonly saltSeparator: Uint8Array;
  readonly signerKey: Uint8Array;
  readonly hash: Uint8Array;
}

const AES_KEY_BYTES = 32;
const AES_BLOCK_BYTES = 16;

/**
 * Makes the reading of Firebase's scrypt on behalf of a format: the hash is the project's signer key,
 * enciphered with what scrypt makes of the password and of the salt with the project's separator.
 *
 * @see https://github.com/firebase/scrypt
 */
export function readFirebaseScrypt(format: string, parts: FirebaseScryptParts): Reading {
  const { cost, hash, signerKey } = parts;
  if (hash.length < 16) return malformed(format);
  if (hash.length !== signerKey.length) return malformed(format, "Hash and signer key differ in length.");
  return (
    findScryptFault(format, cost) ?? {
      format,
      parameters: { ...cost },
      significantBytes: null,
      verify: (password) => timingSafeEqual(encipherSignerKey(password, parts), hash),
    }
  );
}

function encipherSignerKey(password: Uint8Array, parts: FirebaseScryptParts): Buffer {
  const salt = Buffer.concat([parts.salt, parts.saltSeparator]);
  const key = deriveScrypt(password, salt, AES_KEY_BYTES, parts.cost);
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(AES_BLOCK_BYTES));
  return Buffer.concat([cipher.update(parts.signerKey), cipher.final()]);
}
