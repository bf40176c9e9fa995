import {
  CompactEncrypt,
  type CryptoKey,
  calculateJwkThumbprint,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWK_EC_Private,
} from "jose";

/** The one algorithm that access tokens are signed with (RFC 7518, 3.4). */
export const SIGNING_ALGORITHM = "ES256";

/** A key pair, ready for use. */
export interface KeyPair {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** A key pair as it is stored. */
export interface SealedKey {
  /** The thumbprint of the public part (RFC 7638). */
  readonly kid: string;
  readonly publicJwk: JWK;
  /** The private part as a compact JWE (RFC 7516) under a key that is derived from the secret. */
  readonly privateJwe: string;
}

/** Makes a new key pair and seals its private part. */
export async function makeSealedKey(sealingKey: Uint8Array): Promise<SealedKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const privateJwk = (await exportJWK(privateKey)) as JWK_EC_Private;
  const publicJwk = publicPart(privateJwk);
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateJwe = await new CompactEncrypt(Buffer.from(JSON.stringify(privateJwk)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid })
    .encrypt(sealingKey);
  return { kid, publicJwk, privateJwe };
}

/**
 * Opens a sealed key. Both parts come out of the sealed text, which only the secret can have written:
 * a public key that somebody put into the table beside it is never trusted.
 *
 * @returns null where it was sealed under another secret, or is not what its kid says.
 */
export async function openSealedKey(
  sealed: Pick<SealedKey, "kid" | "privateJwe">,
  sealingKey: Uint8Array,
): Promise<KeyPair | null> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed.privateJwe, sealingKey, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    const privateJwk: JWK_EC_Private = JSON.parse(Buffer.from(plaintext).toString("utf8"));
    const publicJwk = publicPart(privateJwk);
    const kid = await calculateJwkThumbprint(publicJwk);
    if (protectedHeader.kid !== sealed.kid || kid !== sealed.kid) return null;
    return { kid, privateKey: await importKey(privateJwk), publicKey: await importKey(publicJwk) };
  } catch {
    return null;
  }
}

function publicPart({ crv, x, y }: JWK_EC_Private) {
  return { kty: "EC", crv, x, y } as const;
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError("a symmetric key cannot be a signing key");
  return key;
}
