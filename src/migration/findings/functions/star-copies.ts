import type { Subject } from "../check.ts";
import { tableName } from "../subject.ts";
import type { Hit, ReadFunction } from "./function-facts.ts";
import { mentions, stars } from "./mentions.ts";
import { isSign, isWord, type Statement } from "./statement.ts";

/** `INSERT … SELECT OLD.*` in a trigger function: fails, or puts the new values into the wrong columns. */
export function historyStars(fn: ReadFunction, subject: Subject): Hit[] {
  if (fn.triggers.length === 0) return [];
  return fn.statements.flatMap((statement) => {
    const record = recordStar(statement);
    const target = insertTarget(statement, subject);
    if (record === undefined || target === undefined) return [];
    return [
      {
        text: statement.text,
        message: `A trigger of ${tableName(subject)} copies whole rows: ${record}.* grows by the new columns, so new connections fail with "INSERT has more expressions than target columns" or, where ${target} has columns to spare, write the password hash into them.`,
        fix: `In ${fn.name}, write ${columnList(subject, record)} instead of ${record}.*, and name the columns of ${target} too.`,
      },
    ];
  });
}

/** `OLD.*` or `(NEW).*` after INSERT; before it, it may stand in a comparison. */
function recordStar({ tokens }: Statement): "OLD" | "NEW" | undefined {
  const insert = tokens.findIndex((token) => isWord(token, "insert"));
  for (const [index, token] of tokens.entries()) {
    if (index < insert) continue;
    const at = isSign(tokens[index + 1], ")") ? index + 2 : index + 1;
    if (!isWord(token, "old", "new") || !isSign(tokens[at], ".") || !isSign(tokens[at + 1], "*")) continue;
    return token?.text === "old" ? "OLD" : "NEW";
  }
  return undefined;
}

/** `UNION` with, or `INSERT INTO … SELECT`, every column of the table: the other side has fewer then. */
export function starCombinations(fn: ReadFunction, subject: Subject): Hit[] {
  return fn.statements.flatMap((statement) => {
    const found = stars(statement, subject.users);
    const combined =
      found.some((star) => isInUnion(statement, star.index)) ||
      found.some((star) => feedsInsert(statement, star.index, subject));
    if (!combined) return [];
    return [
      {
        text: statement.text,
        message: `${fn.name} sets every column of ${tableName(subject)} beside those of another table, which has fewer after the change: the statement fails then.`,
        fix: `In ${fn.name}, write ${columnList(subject)} instead of the star.`,
      },
    ];
  });
}

function isInUnion(statement: Statement, star: number): boolean {
  return statement.tokens.some(
    (token, index) =>
      isWord(token, "union", "except", "intersect") && statement.group[index] === statement.group[star],
  );
}

/** A star after INSERT INTO another table, or before it in a WITH. */
function feedsInsert(statement: Statement, star: number, subject: Subject): boolean {
  const { tokens, group } = statement;
  const insert = tokens.findIndex((token) => isWord(token, "insert"));
  if (insert < 0 || insertTarget(statement, subject) === undefined) return false;
  if (isInExists(statement, star)) return false;
  return star > insert
    ? true
    : group[star] !== group[insert] && tokens.some((token) => isWord(token, "with"));
}

function isInExists({ tokens, group }: Statement, star: number): boolean {
  const opened = group.indexOf(group[star] ?? 0);
  return isWord(tokens[opened - 2], "exists");
}

/** The table that the statement inserts into, when it is another than the one asked for. */
function insertTarget(statement: Statement, subject: Subject): string | undefined {
  return mentions(statement, subject.users).find(
    (mention) => mention.role === "target" && !mention.wanted && isInsertInto(statement, mention.index),
  )?.name;
}

function isInsertInto({ tokens }: Statement, name: number): boolean {
  const into = isSign(tokens[name - 1], ".") ? name - 3 : name - 1;
  return isWord(tokens[into], "into") && isWord(tokens[into - 1], "insert");
}

/** The columns as they are before the change, as a person would list them. */
export function columnList({ users }: Subject, record?: string): string {
  const prefix = record === undefined ? "" : `${record}.`;
  const plain = (name: string) =>
    /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  return users.columns.map(({ name }) => `${prefix}${plain(name)}`).join(", ");
}
