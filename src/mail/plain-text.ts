/** What has no place in a line: breaks, other controls, and what turns the direction of writing; but names need joiners. */
const UNPRINTED = /(?:(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}])+/gu;

/** Text for one line. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(UNPRINTED, " ").trim();
}
