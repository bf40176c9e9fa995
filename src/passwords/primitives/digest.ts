import { hash } from "node:crypto";

/** The algorithms that stored digests are made with, and how many bytes each gives. */
export const DIGEST_BYTES = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
} as const;

/** One of them, as OpenSSL calls it. */
export type DigestAlgorithm = keyof typeof DIGEST_BYTES;

/** Digests bytes, one part after the other. */
export function digestOf(algorithm: DigestAlgorithm, ...parts: readonly Uint8Array[]): Buffer {
  return hash(algorithm, Buffer.concat(parts), "buffer");
}

/**
 * For loops of many thousand rounds: digests the whole of `input` and writes the digest to a place in `output`,
 * which may be the same buffer. By way of a string, for to make a Buffer takes longer than the digest.
 */
export function digestInto(
  algorithm: DigestAlgorithm,
  input: Uint8Array,
  output: Buffer,
  place: number,
): void {
  output.write(hash(algorithm, input, "binary"), place, "latin1");
}
