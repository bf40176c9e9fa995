import type { Configuration } from "../../config/schema.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { type Column, findColumn } from "../../users-table/relation.ts";
import { fixedValues } from "../insert-user.ts";
import type { UsersTable } from "../users-table.ts";
import { type Match, matches } from "./matching.ts";
import type { Role } from "./source/roles.ts";
import { ROWS, VERDICTS } from "./stage.ts";

/** What is to be written in all: what nothing is to be written for has no statement. */
export interface Extent {
  readonly newRows: boolean;
  readonly passwords: boolean;
  readonly emails: boolean;
  readonly usernames: boolean;
  readonly admins: boolean;
  /** Verified addresses, or sessions that end with the password that they began with. */
  readonly accountsOfOld: boolean;
  readonly accountsOfNew: boolean;
}

/** What the statements are made from. */
export interface Writing {
  readonly table: UsersTable;
  readonly registration: Configuration["registration"];
  readonly match: Match;
  /** The roles that at least one row has. */
  readonly has: ReadonlySet<Role>;
  readonly withAdmins: boolean;
  readonly extent: Extent;
}

/** The statements of a batch; each takes a first row (left out) and a last one as `$1` and `$2`. Null: nothing to do. */
export interface WriteStatements {
  readonly insert: string | null;
  readonly update: string | null;
  readonly accountsOfOld: string | null;
  readonly accountsOfNew: string | null;
}

const RANGE = "v.row > $1::int4 AND v.row <= $2::int4";
const FROM = `${VERDICTS} v JOIN ${ROWS} s ON s.row = v.row`;

export function writeStatements(writing: Writing): WriteStatements {
  const { extent } = writing;
  const changes = extent.passwords || extent.emails || extent.usernames || extent.admins;
  return {
    insert: extent.newRows ? insertSql(writing) : null,
    update: changes ? updateSql(writing) : null,
    accountsOfOld: extent.accountsOfOld ? accountsSql(writing, "old") : null,
    accountsOfNew: extent.accountsOfNew ? accountsSql(writing, "new") : null,
  };
}

/**
 * Where somebody took an id, an email or a username meanwhile it fails, and the row is found by halving: an
 * ON CONFLICT would look each row up once more in every index.
 */
function insertSql(writing: Writing): string {
  const { table } = writing;
  const values = newRowValues(writing);
  const columns = [...values.keys()].map(quoteIdentifier).join(", ");
  const overriding =
    values.has(table.mapping.id) && findColumn(table.relation, table.mapping.id)?.identity === "a"
      ? " OVERRIDING SYSTEM VALUE"
      : "";
  return `INSERT INTO ${table.name} (${columns})${overriding}
    SELECT ${[...values.values()].join(", ")} FROM ${FROM}
    WHERE ${RANGE} AND v.outcome = 'new' ORDER BY v.row`;
}

/** The columns of a new row with their SQL, as registration fills them where the file has nothing. */
function newRowValues({ table, registration, has, withAdmins }: Writing): Map<string, string> {
  const { mapping, relation } = table;
  const values = fixedValues(table, registration.values);
  const set = (name: string | null, expression: (column: Column) => string) => {
    const column = findColumn(relation, name);
    if (column !== undefined) values.set(column.name, expression(column));
  };
  const orDefault = (expression: string) => (column: Column) =>
    column.default === null ? expression : `coalesce(${expression}, ${column.default})`;
  const idType = (column: Column) => (column.baseType === "bpchar" ? `::${column.type}` : "");
  if (has.has("id")) set(mapping.id, (column) => orDefault(`s.id${idType(column)}`)(column));
  else if (registration.generateId !== undefined) set(mapping.id, () => `s.made_id::${table.idType}`);
  set(mapping.email, () => "s.email");
  if (has.has("username")) set(mapping.username, orDefault("s.username"));
  if (has.has("display_name")) set(mapping.display_name, orDefault("s.display_name"));
  set(mapping.password_hash, () => "s.hash");
  if (withAdmins) set(mapping.is_admin, () => "coalesce(s.is_admin, false)");
  if (has.has("created_at")) set(mapping.created_at, (column) => createdAt(column, values.get(column.name)));
  return values;
}

function createdAt(column: Column, fixed: string | undefined): string {
  const otherwise = fixed ?? column.default ?? "NULL";
  const utc = "s.created_at AT TIME ZONE 'UTC'";
  const moment =
    column.baseType === "timestamptz" ? "s.created_at" : column.baseType === "date" ? `(${utc})::date` : utc;
  return `coalesce(${moment}, ${otherwise})`;
}

/** Compare and swap: what somebody changed since it was read is left as it is, which the count shows. */
function updateSql({ table, extent }: Writing): string {
  const { mapping } = table;
  const parts: { column: string; sets: string; value: string; still: string }[] = [];
  const add = (
    wanted: boolean,
    name: string | null,
    sets: string,
    value: string,
    still: (c: string) => string,
  ) => {
    if (!wanted || name === null) return;
    const column = quoteIdentifier(name);
    parts.push({ column, sets, value, still: still(`u.${column}`) });
  };
  const isEmpty = (column: string) => `${column} IS NULL`;
  add(
    extent.passwords,
    mapping.password_hash,
    "sets_password",
    "s.hash",
    (c) => `${c} IS NOT DISTINCT FROM v.old_hash`,
  );
  add(extent.emails, mapping.email, "sets_email", "s.email", isEmpty);
  add(extent.usernames, mapping.username, "sets_username", "s.username", isEmpty);
  add(extent.admins, mapping.is_admin, "sets_admin", "true", () => "true");
  const changes = parts.map(({ column, sets, value }) =>
    parts.length === 1
      ? `${column} = ${value}`
      : `${column} = CASE WHEN v.${sets} THEN ${value} ELSE u.${column} END`,
  );
  return `UPDATE ${table.name} AS u SET ${changes.join(", ")} FROM ${FROM}
    WHERE ${RANGE} AND v.outcome IN ('password_added', 'password_replaced', 'updated') AND u.${table.id} = v.user_id
      AND (${parts.map(({ sets }) => `v.${sets}`).join(" OR ")})
      ${parts.map(({ sets, still }) => `AND (NOT v.${sets} OR ${still})`).join(" ")}`;
}

/** An address counts as verified only where the user has it. Who gets another password is signed out everywhere. */
function accountsSql({ table, match }: Writing, whose: "old" | "new"): string {
  const { mapping } = table;
  const user =
    whose === "old"
      ? `u.${table.id} = v.user_id AND v.outcome NOT IN ('refused', 'new', 'absent')`
      : `${matches(table, match, "u")} AND v.outcome = 'new'`;
  const email = `u.${quoteIdentifier(mapping.email)}`;
  const verifies = `v.sets_verified AND lower(${email} COLLATE "C") = lower(s.email COLLATE "C")`;
  const replaced = "v.outcome = 'password_replaced'";
  return `INSERT INTO ${table.accounts} AS a (user_id, verified_email, verified_at, disabled_at, token_generation, password_changed_at)
    SELECT u.${table.id}, CASE WHEN ${verifies} THEN ${email} END, CASE WHEN ${verifies} THEN now() END,
      CASE WHEN v.sets_disabled THEN now() END, CASE WHEN ${replaced} THEN 1 ELSE 0 END, CASE WHEN ${replaced} THEN now() END
    FROM ${FROM} JOIN ${table.name} u ON ${user}
    WHERE ${RANGE} AND (v.sets_verified OR v.sets_disabled OR ${replaced})
    ON CONFLICT (user_id) DO UPDATE SET verified_email = coalesce(excluded.verified_email, a.verified_email),
      verified_at = coalesce(excluded.verified_at, a.verified_at), disabled_at = coalesce(a.disabled_at, excluded.disabled_at),
      token_generation = a.token_generation + excluded.token_generation,
      password_changed_at = coalesce(excluded.password_changed_at, a.password_changed_at)`;
}

/** How much a batch is to write: rows made, rows changed. */
export function expectedSql(): string {
  return `SELECT count(*) FILTER (WHERE v.outcome = 'new')::int AS made,
      count(*) FILTER (WHERE v.outcome IN ('password_added', 'password_replaced', 'updated')
        AND (v.sets_password OR v.sets_email OR v.sets_username OR v.sets_admin))::int AS changed
    FROM ${VERDICTS} v WHERE ${RANGE}`;
}
