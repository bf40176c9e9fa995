const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A number as crypt writes it: six bits a character, the lowest first. NaN where a character is none of its. */
export function readCryptNumber(text: string): number {
  const digits = [...text].map((character) => ALPHABET.indexOf(character));
  if (digits.includes(-1)) return Number.NaN;
  return digits.reduceRight((number, digit) => number * 64 + digit, 0);
}

/** Bytes as crypt writes them: three in four characters, the lowest first. Null where it is not the one way. */
export function decodeCryptBase64(text: string): Buffer | null {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    const group = text.slice(at, at + 4);
    const number = readCryptNumber(group);
    const count = Math.floor((group.length * 6) / 8);
    if (count === 0 || !(number < 256 ** count)) return null;
    for (let byte = 0; byte < count; byte += 1) bytes.push((number >> (8 * byte)) & 0xff);
  }
  return Buffer.from(bytes);
}

/** Bytes as crypt writes them: the other way round. */
export function encodeCryptBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    const bits = group.reduce((sum, byte, place) => sum | (byte << (8 * place)), 0);
    for (let place = 0; place <= group.length; place += 1)
      text += ALPHABET.charAt((bits >> (6 * place)) & 63);
  }
  return text;
}

/** The same of a digest whose bytes are written in another order, as md5-crypt and its successors do. */
export function encodeInCryptOrder(digest: Uint8Array, order: readonly number[]): string {
  return encodeCryptBase64(Uint8Array.from(order, (at) => digest[at] ?? 0));
}
