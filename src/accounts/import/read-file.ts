import { ConfigurationError } from "../../errors.ts";
import { checkRow, type RowRules, type StagedRow } from "./check-row.ts";
import type { HashTally } from "./hash-tally.ts";
import type { Match } from "./matching.ts";
import { fileInvalid } from "./source/file-invalid.ts";
import { ROLES, type Role } from "./source/roles.ts";
import type { SourceRows } from "./source/source-row.ts";
import { interrupted } from "./write-batches.ts";

/** What reading a file found besides its rows. */
export interface FileFindings {
  rows: number;
  /** How many of them could not be read at all. */
  unreadable: number;
  plainPasswords: number;
  /** How many say that their address was never verified. */
  unverifiedEmails: number;
  /** The roles that at least one row has and that are carried. */
  readonly has: Set<Role>;
  /** The ones that rows have and that are left out. */
  readonly leftOut: Set<Role>;
}

export function noFindings(): FileFindings {
  return {
    rows: 0,
    unreadable: 0,
    plainPasswords: 0,
    unverifiedEmails: 0,
    has: new Set(),
    leftOut: new Set(),
  };
}

/** Checks every row as it comes and notes what the file has. */
export async function* checkRows(
  source: SourceRows,
  rules: RowRules,
  findings: FileFindings,
  tally: HashTally,
  signal: AbortSignal,
): AsyncGenerator<readonly StagedRow[], void> {
  for await (const rows of source) {
    if (signal.aborted) throw interrupted(0);
    const staged: StagedRow[] = [];
    for (const row of rows) {
      if (row.fault !== null) findings.unreadable += 1;
      for (const role in row.values) {
        const set = rules.carried.has(role as Role) ? findings.has : findings.leftOut;
        set.add(role as Role);
      }
      const checked = checkRow(row, rules, tally);
      if (checked.plain) findings.plainPasswords += 1;
      if (checked.verified === false) findings.unverifiedEmails += 1;
      staged.push(checked);
    }
    findings.rows += staged.length;
    yield staged;
  }
}

const BY_DEFAULT: readonly Match[] = ["id", "email", "username"];

/**
 * What rows are matched by. Ids alone are not taken for the users' without being told: another database numbers
 * other people in the same way.
 *
 * @throws MigrationError `import_invalid` where there are no rows; ConfigurationError `usage_invalid` where the
 *   file has nothing to match by, or ids and nothing to compare, or a column that was named is in no row.
 */
export function chooseMatch({ rows, has, leftOut, unreadable }: FileFindings, said: Match | null): Match {
  if (rows === 0) throw fileInvalid("The file has no users.", "Give a file with at least one user in it.");
  const match = said ?? BY_DEFAULT.find((part) => has.has(part));
  if (said === null && match === "id" && !has.has("email") && !has.has("username")) throw idsAlone();
  if (match !== undefined && has.has(match)) return match;
  // What the rows have is then not known, and why is told row by row.
  if (unreadable > 0 && has.size === 0) return said ?? "email";
  const there = ROLES.filter((role) => has.has(role) || leftOut.has(role));
  throw new ConfigurationError(
    "usage_invalid",
    `No row has ${said === null ? "an id, an email or a username that the users table has" : `the ${said} to match by`}; the file has ${there.join(", ") || "nothing that is known"}.`,
    { fix: "Say which column it is: --column email=HEADER; or match by another: --match email." },
  );
}

function idsAlone(): ConfigurationError {
  return new ConfigurationError(
    "usage_invalid",
    "The file has ids, and neither emails nor usernames to tell whether they are those of the table's users.",
    { fix: "Where they are, say --match id; otherwise export the emails or usernames with them." },
  );
}
