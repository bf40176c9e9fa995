import { toOpaqueString } from "../opaque-string.ts";

/**
 * A text as it is compared with others that people guess: what would be hashed of it, without regard to case or to the
 * width and style that Unicode has for one character (NFKC).
 */
export function toComparable(text: string): string {
  return toOpaqueString(text).normalize("NFKC").toLowerCase();
}
