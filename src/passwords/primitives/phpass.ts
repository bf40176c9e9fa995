import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, Reading } from "../stored-hash.ts";
import { encodeCryptBase64, readCryptNumber } from "./crypt-base64.ts";
import { DIGEST_BYTES, digestInto, digestOf } from "./digest.ts";
import { isSameText } from "./same-text.ts";

/** A text writes only the logarithm, 7 to 30. */
export const PHPASS_ITERATIONS: CostBound = {
  parameter: "iterations",
  most: 2 ** 20,
  reason: "2^16 is what any known default asks for; 2^20 takes one to two seconds of one core",
};

/** phpass's least and most, as logarithms. */
const [LEAST, MOST] = [7, 30];

/** What a phpass hash says, whichever digest it is made with. */
export interface PhpassParts {
  readonly algorithm: "md5" | "sha512";
  /** Whether the password was digested before: of older hashes, an upgrade made hashes of hashes. */
  readonly isOverMd5: boolean;
  /** One character. */
  readonly log2: string;
  readonly salt: string;
  readonly digest: string;
  /** In bytes; a longer one matches nothing and costs nothing, for each iteration reads all of it. */
  readonly longestPassword: number;
}

/** Makes the reading of an iterated digest as phpass and Drupal 7 write it, on behalf of a format. */
export function readPhpass(format: string, parts: PhpassParts): Reading {
  const log2 = readCryptNumber(parts.log2);
  if (!(log2 >= LEAST && log2 <= MOST))
    return malformed(format, "The number of its iterations is not valid.");
  const iterations = 2 ** log2;
  if (iterations > PHPASS_ITERATIONS.most) return tooCostly(format, PHPASS_ITERATIONS);
  return {
    format,
    parameters: { digest: parts.algorithm, iterations },
    significantBytes: null,
    verify: (password) =>
      password.length <= parts.longestPassword &&
      isSameText(derive(password, iterations, parts), parts.digest),
  };
}

function derive(
  password: Uint8Array,
  iterations: number,
  { algorithm, isOverMd5, salt, digest }: PhpassParts,
): string {
  const key = isOverMd5 ? Buffer.from(digestOf("md5", password).toString("hex")) : password;
  const length = DIGEST_BYTES[algorithm];
  const input = Buffer.concat([digestOf(algorithm, Buffer.from(salt), key), key]);
  for (let done = 0; done < iterations; done += 1) digestInto(algorithm, input, input, 0);
  return encodeCryptBase64(input.subarray(0, length)).slice(0, digest.length);
}
