import { SignInError } from "../../errors.ts";

/** Characters. A cursor holds an id or a moment, so a longer one is none of ours. */
const LONGEST = 2_048;

/** A place in a list, as a text that is given back as it is. It grants nothing that the list itself does not. */
export function writeCursor(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/**
 * Reads a place of so many parts back; null where none was given.
 *
 * @throws SignInError `cursor_invalid`.
 */
export function readCursor(cursor: string | undefined, parts: number): readonly string[] | null {
  if (cursor === undefined) return null;
  const place = cursor.length > LONGEST ? null : parse(cursor);
  if (!Array.isArray(place) || place.length !== parts || !place.every(isText)) throw cursorInvalid();
  return place;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

/** PostgreSQL has no NUL in a text, and a lone surrogate no UTF-8. */
function isText(part: unknown): part is string {
  return typeof part === "string" && !part.includes("\0") && part.isWellFormed();
}

/** The error of whoever comes with a cursor that no answer of ours had. */
export function cursorInvalid(): SignInError {
  return new SignInError("cursor_invalid", "This cursor is not the next_cursor of an answer of this list.");
}
