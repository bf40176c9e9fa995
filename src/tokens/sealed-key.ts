import { CompactEncrypt, type CryptoKey, calculateJwkThumbprint, compactDecrypt, type JWK } from "jose";
import {
  type Algorithm,
  importKey,
  isAlgorithm,
  makeJwk,
  type PublicJwk,
  publicPart,
  randomText,
} from "./keys/algorithm.ts";

/** A key, ready for use. */
export interface KeyPair {
  readonly kid: string;
  /** The one algorithm that the key is for. */
  readonly algorithm: Algorithm;
  readonly privateKey: CryptoKey;
  /** For HS256 the same as `privateKey`. */
  readonly publicKey: CryptoKey;
  /** What others verify with; null for HS256, of which nothing may be shown. */
  readonly publicJwk: PublicJwk | null;
}

/** A key as it is stored. */
export interface SealedKey {
  /** The thumbprint of the public part (RFC 7638); where there is none, 256 random bits. */
  readonly kid: string;
  readonly algorithm: Algorithm;
  /** Empty for HS256. */
  readonly publicJwk: JWK;
  /** The key as a compact JWE (RFC 7516) under a key that is derived from the secret. */
  readonly privateJwe: string;
}

/** Makes a new key and seals it. What it is for is sealed with it, so that nobody can turn it into another. */
export async function makeSealedKey(sealingKey: Uint8Array, algorithm: Algorithm): Promise<SealedKey> {
  const jwk = await makeJwk(algorithm);
  const publicJwk = publicPart(jwk, algorithm);
  const kid = publicJwk === null ? randomText() : await calculateJwkThumbprint(publicJwk);
  const privateJwe = await new CompactEncrypt(Buffer.from(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid })
    .encrypt(sealingKey);
  return { kid, algorithm, publicJwk: publicJwk ?? {}, privateJwe };
}

/**
 * Opens a sealed key. Everything comes out of the sealed text, which only a secret can have written: a
 * public key or an algorithm that somebody put into the table beside it is never trusted.
 *
 * @returns null where none of the sealing keys opens it, or it is not what its kid says.
 */
export async function openSealedKey(
  sealed: Pick<SealedKey, "kid" | "privateJwe">,
  sealingKeys: readonly Uint8Array[],
): Promise<KeyPair | null> {
  for (const sealingKey of sealingKeys) {
    const key = await openWith(sealed, sealingKey).catch(() => null);
    if (key !== null) return key;
  }
  return null;
}

async function openWith(
  { kid, privateJwe }: Pick<SealedKey, "kid" | "privateJwe">,
  sealingKey: Uint8Array,
): Promise<KeyPair | null> {
  const { plaintext, protectedHeader } = await compactDecrypt(privateJwe, sealingKey, {
    keyManagementAlgorithms: ["dir"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  const jwk: JWK = JSON.parse(Buffer.from(plaintext).toString("utf8"));
  const algorithm = jwk.alg;
  if (!isAlgorithm(algorithm) || protectedHeader.kid !== kid) return null;
  const publicJwk = publicPart(jwk, algorithm);
  if (publicJwk !== null && (await calculateJwkThumbprint(publicJwk)) !== kid) return null;
  const privateKey = await importKey(jwk, algorithm);
  const publicKey = publicJwk === null ? privateKey : await importKey(publicJwk, algorithm);
  return { kid, algorithm, privateKey, publicKey, publicJwk };
}
