const ALPHABET = /^[A-Za-z0-9+/]+$/;

/**
 * Decodes base64 without padding, the way PHC strings write it; null where it is not the one way to write
 * these bytes.
 */
export function decodeBase64(text: string): Buffer | null {
  if (!ALPHABET.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  return encodeBase64(bytes) === text ? bytes : null;
}

/** Base64 without padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** passlib's "adapted base64": `.` stands for `+`, without padding. */
export function decodeAdaptedBase64(text: string): Buffer | null {
  return text.includes("+") ? null : decodeBase64(text.replaceAll(".", "+"));
}

/** Base64 with its padding. */
export function decodePaddedBase64(text: string): Buffer | null {
  return text.length % 4 === 0 ? decodeBase64(text.replace(/={1,2}$/, "")) : null;
}

/** Base64 as people paste it: either alphabet, with padding or without. */
export function decodeLenientBase64(text: string): Buffer | null {
  return decodeBase64(
    text
      .replace(/={1,2}$/, "")
      .replaceAll("-", "+")
      .replaceAll("_", "/"),
  );
}

/** Lower-case hexadecimal of at least one byte. */
export function decodeHex(text: string): Buffer | null {
  return text.length % 2 === 0 && /^[0-9a-f]+$/.test(text) ? Buffer.from(text, "hex") : null;
}
