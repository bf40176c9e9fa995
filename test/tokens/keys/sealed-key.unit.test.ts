import { createPublicKey, verify } from "node:crypto";
import {
  CompactEncrypt,
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  type JWK,
} from "jose";
import { describe, expect, test } from "vitest";
import { type Algorithm, makeJwk, publicPart } from "../../../src/tokens/keys/algorithm.ts";
import { type KeyPair, makeSealedKey, openSealedKey } from "../../../src/tokens/sealed-key.ts";
import { deriveKey } from "../../../src/tokens/secret.ts";

const ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA", "RS256", "HS256"];
const PAIRS = ALGORITHMS.filter((algorithm) => algorithm !== "HS256");
const [CURRENT, PREVIOUS, OTHER] = ["one", "two", "three"].map((name) =>
  deriveKey(`kJ3v-not-a-real-secret-x8Qz-${name}`, "signing keys"),
) as [Uint8Array, Uint8Array, Uint8Array];

async function opened(algorithm: Algorithm): Promise<KeyPair> {
  const key = await openSealedKey(await makeSealedKey(CURRENT, algorithm), [CURRENT]);
  if (key === null) throw new Error("the key does not open");
  return key;
}

function sign({ privateKey, algorithm }: KeyPair, alg: string = algorithm): Promise<string> {
  return new CompactSign(Buffer.from("a claim")).setProtectedHeader({ alg }).sign(privateKey);
}

/** A key with its right kid, to be sealed by hand. */
async function makeAside(algorithm: Algorithm): Promise<{ jwk: JWK; kid: string }> {
  const jwk = await makeJwk(algorithm);
  const publicJwk = publicPart(jwk, algorithm);
  return { jwk, kid: publicJwk === null ? "A".repeat(43) : await calculateJwkThumbprint(publicJwk) };
}

/** What comes of a sealed text that says whatever it is told to of what its key is for. */
async function openAs({ jwk, kid }: { jwk: JWK; kid: string }, alg: string | undefined) {
  const privateJwe = await new CompactEncrypt(Buffer.from(JSON.stringify({ ...jwk, alg })))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid })
    .encrypt(CURRENT);
  return openSealedKey({ kid, privateJwe }, [CURRENT]);
}

/** Verifies with node:crypto alone, from the public JWK. */
function verifiesElsewhere(token: string, { publicJwk, algorithm }: KeyPair): boolean {
  const [header, payload, signature = ""] = token.split(".");
  const key = createPublicKey({ key: { ...publicJwk }, format: "jwk" });
  const input = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, "base64url");
  if (algorithm === "EdDSA") return verify(null, input, key, bytes);
  return verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, bytes);
}

describe.each(ALGORITHMS)("a key for %s", (algorithm) => {
  test("comes out of its seal as it went in, and signs what it verifies", async () => {
    const sealed = await makeSealedKey(CURRENT, algorithm);
    const key = await openSealedKey(sealed, [CURRENT]);
    expect(key).toMatchObject({ kid: sealed.kid, algorithm });
    expect(sealed.kid).toMatch(/^[\w-]{43}$/);
    const token = await sign(key as KeyPair);
    const { payload } = await compactVerify(token, (key as KeyPair).publicKey, { algorithms: [algorithm] });
    expect(Buffer.from(payload).toString()).toBe("a claim");
  });

  test("opens under a previous secret, and under no other", async () => {
    const sealed = await makeSealedKey(PREVIOUS, algorithm);
    expect(await openSealedKey(sealed, [CURRENT, PREVIOUS])).toMatchObject({ kid: sealed.kid });
    expect(await openSealedKey(sealed, [CURRENT, OTHER])).toBeNull();
  });

  test("signs nothing by another algorithm (42)", async () => {
    const key = await opened(algorithm);
    for (const other of ALGORITHMS.filter((one) => one !== algorithm)) {
      await expect(sign(key, other)).rejects.toThrow();
    }
  });

  test("is nothing under another kid, with its algorithm changed or left out (42)", async () => {
    const { privateJwe } = await makeSealedKey(CURRENT, algorithm);
    const stranger = await makeSealedKey(CURRENT, algorithm);
    expect(await openSealedKey({ kid: stranger.kid, privateJwe }, [CURRENT])).toBeNull();
    const made = await makeAside(algorithm);
    for (const alg of ["none", "es256", "ES384", "PS256", "HS512", undefined]) {
      expect(await openAs(made, alg)).toBeNull();
    }
    expect(await openAs(made, algorithm)).toMatchObject({ kid: made.kid, algorithm });
  });
});

describe.each(PAIRS)("a key pair for %s", (algorithm) => {
  test("verifies elsewhere with its public part, by another implementation", async () => {
    const key = await opened(algorithm);
    const token = await sign(key);
    expect(verifiesElsewhere(token, key)).toBe(true);
    expect(verifiesElsewhere(token, await opened(algorithm))).toBe(false);
  });

  test("is not taken for one of another algorithm, even where the seal is right (42)", async () => {
    const made = await makeAside(algorithm);
    for (const alg of ALGORITHMS.filter((one) => one !== algorithm)) {
      expect(await openAs(made, alg)).toBeNull();
    }
  });

  test("has no private member in what is stored in the clear (65)", async () => {
    const members = { ES256: ["crv", "kty", "x", "y"], EdDSA: ["crv", "kty", "x"], RS256: ["e", "kty", "n"] };
    const { publicJwk } = await makeSealedKey(CURRENT, algorithm);
    expect(Object.keys(publicJwk).toSorted()).toEqual(members[algorithm as keyof typeof members]);
  });
});

test("a key for RS256 has 3072 bits", async () => {
  const { publicJwk } = await opened("RS256");
  expect(Buffer.from(publicJwk?.n ?? "", "base64url")).toHaveLength(3072 / 8);
});

test("a key for HS256 is 256 bits, and nothing of it is stored in the clear (65)", async () => {
  const sealed = await makeSealedKey(CURRENT, "HS256");
  expect(sealed.publicJwk).toEqual({});
  const key = await openSealedKey(sealed, [CURRENT]);
  expect(key).toMatchObject({ publicJwk: null, privateKey: { algorithm: { name: "HMAC", length: 256 } } });
  expect(key?.publicKey).toBe(key?.privateKey);
});

test("a public key beside the sealed text is never read", async () => {
  const sealed = await makeSealedKey(CURRENT, "ES256");
  const stranger = await exportJWK((await generateKeyPair("ES256", { extractable: true })).publicKey);
  const key = await openSealedKey({ ...sealed, publicJwk: stranger, algorithm: "HS256" } as never, [CURRENT]);
  expect(key).toMatchObject({ algorithm: "ES256", publicJwk: sealed.publicJwk });
});
