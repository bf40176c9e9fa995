/** Where the column itself has no bound. */
export const DISPLAY_NAME_MAXIMUM = 255;

/**
 * Whether a text may be shown as a name: any script, something to see in it, no control characters or
 * line breaks, at most `maximum` code points.
 */
export function isDisplayName(text: string, maximum: number = DISPLAY_NAME_MAXIMUM): boolean {
  const isText = text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
  return isText && [...text].length <= maximum && /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
}
