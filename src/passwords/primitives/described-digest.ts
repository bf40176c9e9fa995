import { createHmac } from "node:crypto";
import { decodeBase64, decodeHex, decodePaddedBase64 } from "../base64.ts";
import type { DigestDescription } from "../stored-hash.ts";
import { DIGEST_BYTES, digestInto, digestOf } from "./digest.ts";

/** What a text says that fits a description. */
export interface DescribedParts {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** Takes a text apart as a description's layout says; null where it does not fit. */
export function readDescribed(description: DigestDescription, stored: string): DescribedParts | null {
  const layout = readLayout(description.layout);
  for (const length of digestTextLengths(description)) {
    const texts = layout === null ? null : takeApart(layout, stored, length);
    const digest = texts && decodeDigest(description, texts.digest);
    const salt = texts && decodeSalt(description, texts.salt);
    if (salt && digest?.length === DIGEST_BYTES[description.algorithm]) return { salt, digest };
  }
  return null;
}

interface Layout {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly isSaltFirst: boolean;
}

/** The layout's own text stays text: no regular expression is ever made of it. */
function readLayout(layout: string): Layout | null {
  const [before, first, between, second, after, ...more] = layout.split(/\{(salt|digest)\}/);
  if (before === undefined || between === undefined || after === undefined) return null;
  if (first === second || more.length > 0) return null;
  return { before, between, after, isSaltFirst: first === "salt" };
}

/** A digest's length is known, so that there is one way to take a text apart, whatever is in the salt. */
function takeApart({ before, between, after, isSaltFirst }: Layout, stored: string, length: number) {
  const body = stored.slice(before.length, stored.length - after.length);
  const saltLength = body.length - between.length - length;
  if (!stored.startsWith(before) || !stored.endsWith(after) || saltLength < 1) return null;
  const firstLength = isSaltFirst ? saltLength : length;
  if (!body.startsWith(between, firstLength)) return null;
  const [one, other] = [body.slice(0, firstLength), body.slice(firstLength + between.length)];
  return isSaltFirst ? { salt: one, digest: other } : { salt: other, digest: one };
}

function digestTextLengths({ algorithm, digestEncoding }: DigestDescription): readonly number[] {
  const bytes = DIGEST_BYTES[algorithm];
  if (digestEncoding === "hex") return [2 * bytes];
  // With its padding, or without.
  return [4 * Math.ceil(bytes / 3), Math.ceil((4 * bytes) / 3)];
}

const decodeEitherBase64 = (text: string) => decodePaddedBase64(text) ?? decodeBase64(text);

function decodeDigest({ digestEncoding }: DigestDescription, text: string): Buffer | null {
  return digestEncoding === "hex" ? decodeHex(text.toLowerCase()) : decodeEitherBase64(text);
}

function decodeSalt({ saltEncoding }: DigestDescription, text: string): Buffer | null {
  switch (saltEncoding) {
    case "text":
      return Buffer.from(text);
    case "hex":
      return decodeHex(text.toLowerCase());
    case "base64":
      return decodeEitherBase64(text);
  }
}

/** Digests a password as a description says. */
export function deriveDescribed(
  description: DigestDescription,
  salt: Uint8Array,
  password: Uint8Array,
): Buffer {
  const { algorithm, iterations, iterateOver } = description;
  const digest = digestOnce(description, salt, password);
  for (let done = 1; done < iterations; done += 1) {
    digestInto(algorithm, iterateOver === "hex" ? Buffer.from(digest.toString("hex")) : digest, digest, 0);
  }
  return digest;
}

function digestOnce({ algorithm, order }: DigestDescription, salt: Uint8Array, password: Uint8Array): Buffer {
  switch (order) {
    case "salt-password":
      return digestOf(algorithm, salt, password);
    case "password-salt":
      return digestOf(algorithm, password, salt);
    case "salt-password-salt":
      return digestOf(algorithm, salt, password, salt);
    case "hmac":
      return createHmac(algorithm, salt).update(password).digest();
  }
}
