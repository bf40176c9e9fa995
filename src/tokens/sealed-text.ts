import { CompactEncrypt, compactDecrypt } from "jose";
import { deriveKey, type Secrets } from "./secret.ts";

/** Texts that are kept where others may read them, and understood with the secret only. */
export interface SealedTexts {
  seal(text: string): Promise<string>;
  /** Null where none of the secrets opens it. */
  open(sealed: string): Promise<string | null>;
}

/** Seals with the first of the secrets as a compact JWE (RFC 7516), and opens what any of them has sealed. */
export function createSealedTexts(secrets: Secrets, purpose: string): SealedTexts {
  const current = deriveKey(secrets[0], purpose);
  const keys = [current, ...secrets.slice(1).map((secret) => deriveKey(secret, purpose))];
  return {
    seal: (text) =>
      new CompactEncrypt(Buffer.from(text))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .encrypt(current),
    async open(sealed) {
      for (const key of keys) {
        const text = await openWith(key, sealed).catch(() => null);
        if (text !== null) return text;
      }
      return null;
    },
  };
}

async function openWith(key: Uint8Array, sealed: string): Promise<string> {
  const { plaintext } = await compactDecrypt(sealed, key, {
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  return Buffer.from(plaintext).toString("utf8");
}
