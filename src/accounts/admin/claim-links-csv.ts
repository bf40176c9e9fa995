import type { ClaimLink } from "../claim-links.ts";

/** The first line of the file. */
export const CSV_HEADER = csvLine(["user_id", "username", "link", "expires_at"]);

/** Links as lines of CSV (RFC 4180). */
export function csvLines(links: readonly ClaimLink[]): string {
  return links
    .map(({ user_id, username, link, expires_at }) => csvLine([user_id, username ?? "", link, expires_at]))
    .join("");
}

/**
 * A username may be a formula to the program that opens the file: an apostrophe before it makes it a text.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvLine(fields: readonly string[]): string {
  const harmless = fields.map((field) => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field));
  const quoted = harmless.map((field) =>
    /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `${quoted.join(",")}\r\n`;
}
