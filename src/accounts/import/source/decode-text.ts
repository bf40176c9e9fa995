import { isUtf8 } from "node:buffer";
import { fileInvalid } from "./file-invalid.ts";

/**
 * Stands where bytes are no UTF-8, so that the row they are in can be named. It is a noncharacter: no text that
 * is interchanged has one.
 *
 * @see https://www.unicode.org/faq/private_use.html#nonchar1
 */
export const BAD_BYTES = "\uFFFE";

/**
 * Text of a file, as it comes. A byte order mark is left out; bytes that are no UTF-8 become BAD_BYTES.
 *
 * @throws MigrationError `import_invalid` for UTF-16.
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let rest = Buffer.alloc(0);
  let first = true;
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    if (first && all.length < 3) {
      rest = Buffer.from(all);
      continue;
    }
    const start = first ? skipMark(all) : 0;
    first = false;
    const end = all.length - incompleteTail(all);
    rest = Buffer.from(all.subarray(end));
    if (end > start) yield decode(all.subarray(start, end));
  }
  if (rest.length > 0) yield decode(rest);
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function skipMark(bytes: Buffer): number {
  const mark = bytes.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) {
    throw fileInvalid("The file is UTF-16.", "Save it as UTF-8.");
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** How many bytes at the end begin a character that the next chunk goes on with: 3 at the most. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** Looked through line by line only where something is wrong. */
function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.length : newline + 1;
    const line = bytes.subarray(at, end);
    const text = line.toString("utf8");
    lines.push(isUtf8(line) ? text : text.replaceAll("\uFFFD", BAD_BYTES));
    at = end;
  }
  return lines.join("");
}
