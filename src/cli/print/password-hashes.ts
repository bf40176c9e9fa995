import type { HashCount } from "../../passwords/population.ts";
import { isUnexpected } from "../../passwords/stored-hash.ts";
import type { CountedHashes } from "../count-password-hashes.ts";
import { plural, type Terminal, wrap } from "../terminal.ts";

/** Which formats the stored hashes are of, how many users have each, and which of them verify nothing. */
export function printPasswordHashes(hashes: CountedHashes, terminal: Terminal): string {
  const of = hashes.isSample ? "Password hashes, in a sample of the table:" : "Password hashes:";
  const lines = hashes.counts.map((count) => printCount(count, terminal));
  return [of, ...lines, line(hashes.without, "none")].join("\n");
}

/** Only those that verify nothing, as `plan` warns of them; empty where there are none. */
export function printUnverifiable(hashes: CountedHashes, terminal: Terminal): string {
  const lines = hashes.counts
    .filter(({ fault }) => isUnexpected(fault))
    .map((count) => printCount(count, terminal));
  if (lines.length === 0) return "";
  const of = hashes.isSample ? " (in a sample of the table)" : "";
  return [`Users whose password hash verifies nothing${of}:`, ...lines].join("\n");
}

function printCount({ format, fault, reason, users }: HashCount, terminal: Terminal): string {
  const name = line(users, format ?? "not recognised");
  if (fault === null) return name;
  const why = wrap(`${fault}: ${reason ?? ""}`, terminal.width, INDENT);
  const text = `${name}\n${INDENT}${why}`;
  return isUnexpected(fault) ? terminal.style("yellow", text) : text;
}

/** Where the names of the formats begin. */
const INDENT = " ".repeat(18);

function line(users: number, name: string): string {
  return `  ${plural(users, "user").padStart(14)}  ${name}`;
}
