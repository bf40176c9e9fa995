import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { findColumn, isUnique } from "../../users-table/relation.ts";
import { columnOf, isAlive, type UsersTable } from "../users-table.ts";
import { ROWS, VERDICTS } from "./stage.ts";
import { Code } from "./verdict-codes.ts";

/** What a row is matched to a user by. */
export type Match = "id" | "username" | "email";

/** What decides about the rows. */
export interface Judgement {
  readonly table: UsersTable;
  readonly match: Match;
  /** The parts that at least one row has. */
  readonly has: ReadonlySet<"id" | "username" | "email">;
  readonly replacePasswords: boolean;
  readonly existingOnly: boolean;
  readonly withAdmins: boolean;
  readonly trustVerifiedEmails: boolean;
  /** What a new row must have a value for. */
  readonly required: ReadonlySet<"id" | "username" | "email" | "display_name" | "password_hash">;
}

/** The statement that decides what becomes of every row: one pass of joins, whatever their number. */
export function judgeSql(judgement: Judgement): string {
  const { existingOnly } = judgement;
  return `INSERT INTO ${VERDICTS}
    SELECT j.row, j.user_id, CASE WHEN j.sets_password THEN j.old_hash END, j.code, CASE WHEN j.code BETWEEN ${Code.idTwice} AND ${Code.emailTwice} THEN j.other END,
      CASE WHEN j.code <> ${Code.fits} THEN 'refused'
        WHEN j.user_id IS NULL THEN '${existingOnly ? "absent" : "new"}'
        WHEN j.sets_password THEN CASE WHEN j.old_hash IS NULL THEN 'password_added' ELSE 'password_replaced' END
        WHEN j.sets_email OR j.sets_username OR j.sets_admin OR j.sets_verified OR j.sets_disabled THEN 'updated'
        WHEN j.keeps THEN 'kept' ELSE 'unchanged' END,
      j.sets_password, j.sets_email, j.sets_username, j.sets_admin, j.sets_verified, j.sets_disabled
    FROM (${decisions(judgement)}) j`;
}

/** A condition on a row and its user; left out where it cannot be so. */
type Condition = readonly [code: number, when: string | null];

function decisions(judgement: Judgement): string {
  const { table, match, has, replacePasswords, withAdmins, trustVerifiedEmails } = judgement;
  const { mapping } = table;
  const user = (name: string | null) => columnOf(table, name) ?? "NULL::text";
  const [hash, email, username] = [user(mapping.password_hash), user(mapping.email), user(mapping.username)];
  const found = `u.${table.id} IS NOT NULL`;
  const conditions = conditionsOf(judgement, { found, email, username });
  const hasPassword = "(s.hash IS NOT NULL OR s.plain)";
  const differs = `(s.plain OR s.hash <> ${hash})`;
  const fills = (part: "email" | "username", column: string) =>
    has.has(part) && match !== part ? `${found} AND ${column} IS NULL AND s.${part} IS NOT NULL` : "false";
  const verifies = `s.verified AND s.email IS NOT NULL AND lower(coalesce(${email}, s.email) COLLATE "C") = lower(s.email COLLATE "C")
        AND lower(a.verified_email COLLATE "C") IS DISTINCT FROM lower(s.email COLLATE "C")`;
  return `
    SELECT s.row, u.${table.id} AS user_id, ${hash}::text AS old_hash, coalesce(${others(has)}) AS other,
      CASE ${conditions.map(([code, when]) => `WHEN ${when} THEN ${code}`).join("\n        ")} ELSE ${Code.fits} END AS code,
      coalesce(${found} AND ${hasPassword} AND (${hash} IS NULL${replacePasswords ? ` OR ${differs}` : ""}), false) AS sets_password,
      coalesce(${hasPassword} AND ${hash} IS NOT NULL AND ${differs}, false) AS keeps,
      ${fills("email", email)} AS sets_email, ${fills("username", username)} AS sets_username,
      ${withAdmins && mapping.is_admin !== null ? `coalesce(${found} AND s.is_admin AND ${user(mapping.is_admin)} IS NOT TRUE, false)` : "false"} AS sets_admin,
      ${trustVerifiedEmails ? `coalesce(${verifies}, false)` : "false"} AS sets_verified,
      coalesce(s.disabled AND a.disabled_at IS NULL, false) AS sets_disabled
    FROM ${ROWS} s
    ${joins(judgement)}`;
}

function others(has: Judgement["has"]): string {
  const firsts = [...has].map((part) => `twice_${part}.first`);
  return firsts.length === 0 ? "NULL::int4" : firsts.join(", ");
}

function conditionsOf(
  { table, match, has, required, existingOnly }: Judgement,
  { found, email, username }: { found: string; email: string; username: string },
): Condition[] {
  const when = (applies: boolean, condition: string) => (applies ? condition : null);
  const twice = (part: "id" | "username" | "email") => when(has.has(part), `twice_${part}.first IS NOT NULL`);
  const isNew = `u.${table.id} IS NULL`;
  const lacks = (part: "id" | "username" | "email" | "display_name") =>
    when(!existingOnly && required.has(part), `${isNew} AND s.${part} IS NULL`);
  const taken = (part: Match) => when(checksTaken(table, match, has, part), `taken_${part}.id IS NOT NULL`);
  const all: Condition[] = [
    [Code.unreadable, "s.reason IS NOT NULL"],
    [Code.noKey, `s.${match} IS NULL`],
    [Code.idTwice, twice("id")],
    [Code.usernameTwice, twice("username")],
    [Code.emailTwice, twice("email")],
    [Code.severalUsers, when(match === "username" && !isUniqueName(table), "several.users > 1")],
    [Code.deletedUser, `${found} AND NOT (${isAlive(table)})`],
    [
      Code.otherEmail,
      when(
        match !== "email" && has.has("email"),
        `lower(${email} COLLATE "C") <> lower(s.email COLLATE "C")`,
      ),
    ],
    [
      Code.otherUsername,
      when(match === "id" && has.has("username"), `${username} <> ${asUsername(table, "s.username")}`),
    ],
    [Code.emailTaken, taken("email")],
    [Code.usernameTaken, taken("username")],
    [Code.idTaken, taken("id")],
    [Code.noUsername, lacks("username")],
    [Code.noEmail, lacks("email")],
    [Code.noDisplayName, lacks("display_name")],
    [Code.noId, lacks("id")],
    [
      Code.noPassword,
      when(!existingOnly && required.has("password_hash"), `${isNew} AND s.hash IS NULL AND NOT s.plain`),
    ],
  ];
  return all.filter(([, condition]) => condition !== null);
}

function joins({ table, match, has }: Judgement): string {
  const lines: string[] = [];
  for (const part of has) {
    lines.push(`LEFT JOIN (SELECT ${folded(`t.${part}`, part)} AS value, min(t.row) AS first FROM ${ROWS} t
      WHERE t.${part} IS NOT NULL GROUP BY 1 HAVING count(*) > 1) twice_${part} ON twice_${part}.value = ${folded(`s.${part}`, part)}`);
  }
  if (match === "username" && !isUniqueName(table)) {
    const name = columnOf(table, table.mapping.username) ?? "NULL";
    lines.push(`LEFT JOIN (SELECT ${name} AS name, (array_agg(u.${table.id}))[1] AS id, count(*) AS users
      FROM ${table.name} u GROUP BY 1) several ON several.name = ${asUsername(table, "s.username")}
    LEFT JOIN ${table.name} u ON u.${table.id} = several.id`);
  } else lines.push(`LEFT JOIN ${table.name} u ON ${matches(table, match, "u")}`);
  for (const part of ["id", "username", "email"] as const) {
    if (!checksTaken(table, match, has, part)) continue;
    lines.push(takenJoin(table, part));
  }
  lines.push(`LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}`);
  return lines.join("\n    ");
}

/**
 * Looked up by the column's own index, and only where the value would be written: in a new row, or where the user
 * has none. A hash of the whole table would cost more, most of it for nothing.
 */
function takenJoin(table: UsersTable, part: Match): string {
  const own = columnOf(table, table.mapping[part]) ?? "NULL";
  return `LEFT JOIN LATERAL (SELECT x.${table.id} AS id FROM ${table.name} x
      WHERE ${own} IS NULL AND ${matches(table, part, "x")} LIMIT 1) taken_${part} ON true`;
}

function folded(expression: string, part: "id" | "username" | "email"): string {
  return part === "email" ? `lower(${expression} COLLATE "C")` : expression;
}

/** Whether another user may have the value already, so that it could not be written. */
function checksTaken(
  table: UsersTable,
  match: Match,
  has: Judgement["has"],
  part: "id" | "username" | "email",
): boolean {
  if (part === match || !has.has(part)) return false;
  return part !== "username" || isUniqueName(table);
}

function isUniqueName({ relation, mapping }: UsersTable): boolean {
  return mapping.username !== null && isUnique(relation, [mapping.username]);
}

/** The condition that a row of the file, `s`, is that user. */
export function matches(table: UsersTable, part: Match, user: string): string {
  const { mapping } = table;
  if (part === "id") return `${user}.${table.id} = s.id`;
  if (part === "username") {
    return `${user}.${quoteIdentifier(mapping.username ?? "")} = ${asUsername(table, "s.username")}`;
  }
  return `lower(${user}.${quoteIdentifier(mapping.email)} COLLATE "C") = lower(s.email COLLATE "C")`;
}

/** A `citext` compares without case only with another one. */
function asUsername({ relation, mapping }: UsersTable, expression: string): string {
  const column = findColumn(relation, mapping.username);
  return column?.baseType === "citext" ? `${expression}::${column.type}` : expression;
}
