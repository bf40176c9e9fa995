import { type DigestAlgorithm, digestInto } from "./digest.ts";

/** What md5-crypt and SHA-crypt go on from after their beginnings, which differ. */
export interface CryptStart {
  readonly algorithm: DigestAlgorithm;
  readonly first: Uint8Array;
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
}

/** A round's input is put together by the round's number modulo 2, 3 and 7. */
const CYCLE = 2 * 3 * 7;

/** The rounds that md5-crypt and SHA-crypt have in common: each digests password, salt and what came before. */
export function runCryptRounds(start: CryptStart, rounds: number): Buffer {
  const inputs = Array.from({ length: CYCLE }, (_, round) => inputOf(round, start));
  const digest = Buffer.from(start.first);
  for (let done = 0; done < rounds; done += CYCLE) {
    for (const { bytes, place } of inputs.slice(0, rounds - done)) {
      bytes.set(digest, place);
      digestInto(start.algorithm, bytes, digest, 0);
    }
  }
  return digest;
}

/** A round's input with a place for the digest that came before, so that nothing else is copied in the loop. */
function inputOf(round: number, { first, password, salt }: CryptStart) {
  const isOdd = round % 2 === 1;
  const bytes = Buffer.concat([
    isOdd ? password : first,
    ...(round % 3 === 0 ? [] : [salt]),
    ...(round % 7 === 0 ? [] : [password]),
    isOdd ? first : password,
  ]);
  return { bytes, place: isOdd ? bytes.length - first.length : 0 };
}

/** The bits of the password's length, lowest first: what md5-crypt and SHA-crypt mix in by. */
export function bitsOf(length: number): boolean[] {
  return [...length.toString(2)].reverse().map((bit) => bit === "1");
}

/** The same bytes again and again, up to a length. */
export function repeatTo(length: number, bytes: Uint8Array): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}
