import { columnOf, isAlive, type UsersTable } from "../users-table.ts";
import { asUsername, folded, hasUniqueUsernames, type Match, matches } from "./matching.ts";
import type { Role } from "./source/roles.ts";
import { ROWS, VERDICTS } from "./stage.ts";
import { Code } from "./verdict-codes.ts";

/** What decides about the rows. */
export interface Judgement {
  readonly table: UsersTable;
  readonly match: Match;
  /** The roles that at least one row has. */
  readonly has: ReadonlySet<Role>;
  readonly replacePasswords: boolean;
  readonly existingOnly: boolean;
  /** Whether a row that calls its own email unverified may not change the user whom it matches by it. */
  readonly refusesUnverified: boolean;
  /** What a new row must have a value for. */
  readonly required: ReadonlySet<Match | "display_name" | "password_hash">;
}

/** The statement that matches every row to a user and decides by the two alone. */
export function judgeSql(judgement: Judgement): string {
  const made = judgement.existingOnly ? "absent" : "new";
  return `INSERT INTO ${VERDICTS}
    SELECT j.row, j.user_id, CASE WHEN j.sets_password THEN j.old_hash END, j.code, NULL,
      CASE WHEN j.code <> ${Code.fits} THEN 'refused' WHEN j.user_id IS NULL THEN '${made}'
        WHEN j.sets_password THEN CASE WHEN j.old_hash IS NULL THEN 'password_added' ELSE 'password_replaced' END
        WHEN j.sets_email OR j.sets_username OR j.sets_admin OR j.sets_verified THEN 'updated'
        WHEN j.keeps THEN 'kept' ELSE 'unchanged' END,
      j.sets_password, j.sets_email, j.sets_username, j.sets_admin, j.sets_verified, j.sets_disabled
    FROM (SELECT s.row, ${decisions(judgement)} FROM ${ROWS} s ${joins(judgement)}) j`;
}

function decisions(judgement: Judgement): string {
  const { table, match, has, replacePasswords } = judgement;
  const user = userColumns(table);
  const fills = (part: "email" | "username") =>
    has.has(part) && match !== part
      ? `${user.found} AND ${user[part]} IS NULL AND s.${part} IS NOT NULL`
      : "false";
  const hasPassword = "(s.hash IS NOT NULL OR s.plain)";
  const differs = `(s.plain OR s.hash <> ${user.hash})`;
  const replaces = replacePasswords ? ` OR ${differs}` : "";
  const when = (applies: boolean, condition: string) => (applies ? `coalesce(${condition}, false)` : "false");
  return [
    `u.${table.id} AS user_id, ${user.hash}::text AS old_hash`,
    `CASE ${conditions(judgement)} ELSE ${Code.fits} END AS code`,
    `coalesce(${user.found} AND ${hasPassword} AND (${user.hash} IS NULL${replaces}), false) AS sets_password`,
    `coalesce(${hasPassword} AND ${user.hash} IS NOT NULL AND ${differs}, false) AS keeps`,
    `${fills("email")} AS sets_email`,
    `${fills("username")} AS sets_username`,
    `${when(has.has("is_admin"), `${user.found} AND s.is_admin AND ${user.is_admin} IS NOT TRUE`)} AS sets_admin`,
    `${when(has.has("email_verified"), verifies(user.email))} AS sets_verified`,
    // Who was disabled or enabled here since is not for an old file to say.
    `${when(hasDisabled(has), `NOT (${user.found}) AND s.disabled`)} AS sets_disabled`,
  ].join(",\n      ");
}

/** An address counts as verified where it is the one that the user has, or will have. */
function verifies(email: string): string {
  return `s.verified AND s.email IS NOT NULL
        AND ${folded(`coalesce(${email}, s.email)`, "email")} = ${folded("s.email", "email")}
        AND ${folded("a.verified_email", "email")} IS DISTINCT FROM ${folded("s.email", "email")}`;
}

function userColumns(table: UsersTable) {
  const { mapping } = table;
  const column = (name: string | null) => columnOf(table, name) ?? "NULL::text";
  return {
    found: `u.${table.id} IS NOT NULL`,
    hash: column(mapping.password_hash),
    email: column(mapping.email),
    username: column(mapping.username),
    is_admin: column(mapping.is_admin),
  };
}

/** Why a row is refused, as far as it and its user tell; the first that is so counts. */
function conditions({ table, match, has, required, existingOnly }: Judgement): string {
  const { found, email, username } = userColumns(table);
  const lacks = (part: Match | "display_name") =>
    !existingOnly && required.has(part) ? `NOT (${found}) AND s.${part} IS NULL` : null;
  const all: (readonly [code: number, when: string | null])[] = [
    [Code.unreadable, "s.reason IS NOT NULL"],
    [Code.noKey, `s.${match} IS NULL`],
    [Code.severalUsers, match === "username" && !hasUniqueUsernames(table) ? "several.users > 1" : null],
    [Code.deletedUser, `${found} AND NOT (${isAlive(table)})`],
    [
      Code.otherEmail,
      match !== "email" && has.has("email")
        ? `${folded(email, "email")} <> ${folded("s.email", "email")}`
        : null,
    ],
    [
      Code.otherUsername,
      match === "id" && has.has("username") ? `${username} <> ${asUsername(table, "s.username")}` : null,
    ],
    [Code.noUsername, lacks("username")],
    [Code.noEmail, lacks("email")],
    [Code.noDisplayName, lacks("display_name")],
    [Code.noId, lacks("id")],
    [
      Code.noPassword,
      !existingOnly && required.has("password_hash")
        ? `NOT (${found}) AND s.hash IS NULL AND NOT s.plain`
        : null,
    ],
  ];
  const given = all.filter(([, when]) => when !== null);
  return given.map(([code, when]) => `WHEN ${when} THEN ${code}`).join("\n        ");
}

function hasDisabled(has: ReadonlySet<Role>): boolean {
  return has.has("disabled") || has.has("active");
}

function joins({ table, match, has }: Judgement): string {
  const accounts = has.has("email_verified")
    ? `LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}`
    : "";
  if (match !== "username" || hasUniqueUsernames(table)) {
    return `LEFT JOIN ${table.name} u ON ${matches(table, match, "u")} ${accounts}`;
  }
  const name = columnOf(table, table.mapping.username) ?? "NULL";
  return `LEFT JOIN (SELECT ${name} AS name, (array_agg(u.${table.id}))[1] AS id, count(*) AS users
      FROM ${table.name} u GROUP BY 1) several ON several.name = ${asUsername(table, "s.username")}
    LEFT JOIN ${table.name} u ON u.${table.id} = several.id ${accounts}`;
}

const TWICE = { id: Code.idTwice, username: Code.usernameTwice, email: Code.emailTwice } as const;
const TAKEN = { id: Code.idTaken, username: Code.usernameTaken, email: Code.emailTaken } as const;
const PARTS: readonly Match[] = ["id", "username", "email"];

/** The statements that refuse rows for what others have: other rows of the file first, then other users. */
export function refusalSql({ table, match, has, refusesUnverified }: Judgement): string[] {
  const parts = PARTS.filter((part) => has.has(part));
  const taken = parts.filter((part) => part !== match && (part !== "username" || hasUniqueUsernames(table)));
  return [
    ...parts.map((part) => refuseTwice(part, part === match)),
    ...(match === "username" ? [REFUSE_SAME_USER] : []),
    ...(refusesUnverified ? [REFUSE_UNVERIFIED] : []),
    ...taken.map((part) => refuseTaken(table, part)),
  ];
}

/** Whether a part of a row is to be written: into a new row, or where the user has none. */
function writes(part: Match): string {
  return part === "id" ? "v.outcome = 'new'" : `(v.outcome = 'new' OR v.sets_${part})`;
}

/** Looked at once and first: where all is as it is to be, the tables are not gone through. */
function anyWrites(part: Match): string {
  return `EXISTS (SELECT FROM ${VERDICTS} v WHERE v.outcome = 'absent' OR ${writes(part)})`;
}

/** All of them are refused: which one is right cannot be told. What is neither matched by nor written clashes with nothing. */
function refuseTwice(part: Match, decides: boolean): string {
  return `UPDATE ${VERDICTS} AS v SET outcome = 'refused', code = ${TWICE[part]},
      other = CASE WHEN t.first = s.row THEN t.last ELSE t.first END
    FROM ${ROWS} s JOIN (SELECT ${folded(`x.${part}`, part)} AS value, min(x.row) AS first, max(x.row) AS last FROM ${ROWS} x
      WHERE x.${part} IS NOT NULL GROUP BY 1 HAVING count(*) > 1) t ON t.value = ${folded(`s.${part}`, part)}
    WHERE v.row = s.row AND v.code IN (${Code.fits}, ${Code.noKey})${decides ? "" : ` AND ${anyWrites(part)}`}`;
}

/** Usernames that differ in the file may be one to the table, whose column compares without case. */
const REFUSE_SAME_USER = `UPDATE ${VERDICTS} SET outcome = 'refused', code = ${Code.sameUser}
  WHERE code = ${Code.fits} AND user_id IN (SELECT user_id FROM ${VERDICTS}
    WHERE code = ${Code.fits} AND user_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1)`;

/** Only where something would be written: whom an earlier run made of such a row is there and as the row says. */
const REFUSE_UNVERIFIED = `UPDATE ${VERDICTS} AS v SET outcome = 'refused', code = ${Code.unverifiedEmail} FROM ${ROWS} s
  WHERE v.row = s.row AND v.code = ${Code.fits} AND s.verified IS FALSE
    AND v.outcome IN ('password_added', 'password_replaced', 'updated')`;

function refuseTaken(table: UsersTable, part: Match): string {
  return `UPDATE ${VERDICTS} AS v SET outcome = 'refused', code = ${TAKEN[part]}
    FROM ${ROWS} s JOIN ${table.name} x ON ${matches(table, part, "x")}
    WHERE v.row = s.row AND v.code = ${Code.fits} AND ${writes(part)} AND ${anyWrites(part)}`;
}
