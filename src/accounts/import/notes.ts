import type { Queryable } from "../../postgres/client.ts";
import type { HashTally } from "./hash-tally.ts";
import type { ImportOptions } from "./import-options.ts";
import type { Judgement } from "./judge-sql.ts";
import type { FileFindings } from "./read-file.ts";
import type { Role } from "./source/roles.ts";
import { ROWS, VERDICTS } from "./stage.ts";
import { Code } from "./verdict-codes.ts";

/** What a person should know besides the counts and the rows that do not fit. */
export async function notesOnRows(
  client: Queryable,
  { has, leftOut }: FileFindings,
  tally: HashTally,
  judgement: Judgement,
  options: Pick<ImportOptions, "withoutUnverifiableHashes">,
): Promise<readonly string[]> {
  const mayBeDisabled = has.has("disabled") || has.has("active");
  const mayBeTaken = judgement.match === "email" && has.has("username");
  return [
    ...notesOnLeftOut(leftOut),
    ...(options.withoutUnverifiableHashes ? noteOnHashes(tally.unverifiable()) : []),
    ...(mayBeDisabled ? noteOnDisabled(await countDisabled(client, judgement)) : []),
    ...(mayBeTaken && (await areUsernamesTaken(client)) ? [ARE_THESE_YOURS] : []),
  ];
}

function noteOnHashes(count: number): string[] {
  if (count === 0) return [];
  return [`Rows whose hash verifies nothing: ${count.toLocaleString("en")}; they carry no password.`];
}

function noteOnDisabled(count: number): string[] {
  if (count === 0) return [];
  return [`Existing users whom the file has as disabled: ${count.toLocaleString("en")}; left as they are.`];
}

async function countDisabled(client: Queryable, { table }: Judgement): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${VERDICTS} v JOIN ${ROWS} s ON s.row = v.row
       LEFT JOIN ${table.accounts} a ON a.user_id = v.user_id
     WHERE v.user_id IS NOT NULL AND v.outcome <> 'refused' AND s.disabled AND a.disabled_at IS NULL`,
  );
  return rows[0]?.count ?? 0;
}

const ARE_THESE_YOURS = "Are these the users you have? --match username adds to them.";

async function areUsernamesTaken(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT EXISTS (SELECT FROM ${VERDICTS} WHERE code = ${Code.usernameTaken}) AS taken`,
  );
  return rows[0]?.taken ?? false;
}

/** Why parts that a file has are left out, in words. */
function notesOnLeftOut(leftOut: ReadonlySet<Role>): string[] {
  return [...leftOut].map((role) => NOTES[role] ?? `${role} is left out: the table has no column for it.`);
}

const NOTES: Partial<Record<Role, string>> = {
  id: "The ids are the service's own and are left out; --keep-ids carries them.",
  is_admin: "Who is an administrator is left out; --with-admins carries it.",
  email_verified: "Which addresses were verified is left out; --trust-verified-emails carries it.",
};
