import { type ImportReport, OUTCOMES, type Outcome } from "../../accounts/import/import-report.ts";
import { total } from "../../accounts/import/write-batches.ts";
import { plural, type Terminal, wrap } from "../terminal.ts";

const WORDS: Readonly<Record<Outcome, string>> = {
  new: "new users",
  password_added: "users who get their password",
  password_replaced: "users whose password is replaced",
  updated: "users who get something else that is missing",
  kept: "users who keep the password they have",
  unchanged: "users with nothing to change",
  absent: "rows without a user, left out",
  refused: "rows that do not fit",
};

const SHOWN = 20;
const NUMBER_COLUMNS = 11;

/** What the file is and what becomes of its rows. */
export function printImport(report: ImportReport, terminal: Terminal): string {
  const count = (number: number) => number.toLocaleString("en").padStart(NUMBER_COLUMNS);
  const outcomes = OUTCOMES.filter((outcome) => report.outcomes[outcome] > 0).map(
    (outcome) => `${count(report.outcomes[outcome])}  ${WORDS[outcome]}`,
  );
  return [
    `${terminal.style("bold", report.format)}, ${plural(report.rows, "row")}, matched by ${report.match}`,
    ...outcomes,
    ...hashLines(report, count),
    ...report.notes.map((note) => wrap(note, terminal.width)),
    ...refusedLines(report, terminal),
  ].join("\n");
}

function hashLines(report: ImportReport, count: (number: number) => string): string[] {
  const plain = report.plain_passwords === 0 ? [] : [`${count(report.plain_passwords)}  in plaintext`];
  const hashes = report.hashes.map(
    (hash) =>
      `${count(hash.count)}  ${hash.format ?? "of no format that is known"}${hash.fault === null ? "" : ` (${hash.fault}: verifies nothing)`}`,
  );
  return plain.length + hashes.length === 0 ? [] : ["Passwords:", ...hashes, ...plain];
}

function refusedLines({ refused, outcomes }: ImportReport, terminal: Terminal): string[] {
  if (outcomes.refused === 0) return [];
  const shown = refused.slice(0, SHOWN).map(({ row, field, reason }) => {
    const where = field === "row" ? `row ${row}` : `row ${row}, ${field}`;
    return wrap(`  ${where}: ${reason}`, terminal.width, "    ");
  });
  const more = outcomes.refused - shown.length;
  const rest = more > 0 ? [`  and ${plural(more, "row")} more; --report FILE writes all of them`] : [];
  return [terminal.style("yellow", "Rows that do not fit:"), ...shown, ...rest];
}

/** How it ended. */
export function printEnd(report: ImportReport, terminal: Terminal): string {
  const written = plural(total(report.written), "row");
  switch (report.state) {
    case "imported":
      return terminal.style(
        "green",
        total(report.written) === 0 ? "Nothing to do." : `Done: ${written} written.`,
      );
    case "dry_run":
      return "Nothing was written: this was a dry run.";
    case "refused":
      return terminal.style(
        "red",
        "Refused; nothing was written. --skip-invalid goes on without these rows.",
      );
    case "stopped":
      return terminal.style(
        "red",
        wrap(
          `Stopped: ${written} written, and what was written stands; then rows that the application's own rules refuse. --skip-invalid goes on without them.`,
          terminal.width,
        ),
      );
    default:
      return "Nothing was written.";
  }
}

/** What the server needs, once all is there. */
export function printNeeds({ needs }: ImportReport, terminal: Terminal): string[] {
  if (needs.length === 0) return [];
  const text = `The server verifies these passwords only with ${needs.join(" and ")} in its configuration.`;
  return [terminal.style("yellow", wrap(text, terminal.width))];
}
