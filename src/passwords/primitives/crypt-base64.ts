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
