import { missingColumns } from "../../users-objects.ts";
import type { Subject } from "../check.ts";
import { tableName } from "../subject.ts";
import type { Hit, ReadFunction } from "./function-facts.ts";
import { mentions } from "./mentions.ts";
import { isName, isSign, isWord, type Statement } from "./statement.ts";

/**
 * Names without a table that mean something else today, and the new column after the change: a column of
 * a table beside it, a variable, a parameter. PL/pgSQL and joins call it ambiguous; a subquery and a
 * function in SQL take the new column without a word.
 */
export function changedNames(fn: ReadFunction, subject: Subject): Hit[] {
  const names = missingColumns(subject).map(({ name }) => name);
  return fn.statements.flatMap((statement) => {
    const used = names.find((name) => usesName(statement, name, subject));
    const natural = used === undefined && joinsNaturally(statement, subject);
    if (used === undefined && !natural) return [];
    return [
      used === undefined ? naturalJoin(fn, statement, subject) : bareName(fn, statement, used, subject),
    ];
  });
}

function bareName(fn: ReadFunction, { text }: Statement, name: string, subject: Subject): Hit {
  return {
    text,
    message: `${fn.name} says ${name} without a table in a statement over ${tableName(subject)}: after the change that is ambiguous (an error), or silently means the new column.`,
    fix: `In ${fn.name}, write whose ${name} it is: table.${name} for a column, function.${name} for a variable or parameter.`,
  };
}

function naturalJoin(fn: ReadFunction, { text }: Statement, subject: Subject): Hit {
  return {
    text,
    message: `${fn.name} joins ${tableName(subject)} by NATURAL JOIN: after the change a new column of the same name on the other side is compared too.`,
    fix: `In ${fn.name}, write JOIN … USING (…) with the columns it compares today.`,
  };
}

function joinsNaturally(statement: Statement, { users }: Subject): boolean {
  const natural = statement.tokens.findIndex((token) => isWord(token, "natural"));
  return natural >= 0 && mentions(statement, users).some((mention) => mention.wanted);
}

function usesName(statement: Statement, name: string, { users }: Subject): boolean {
  const groups = mentions(statement, users)
    .filter((mention) => mention.wanted)
    .map((mention) => statement.group[mention.index]);
  if (groups.length === 0) return false;
  return statement.tokens.some(
    (token, index) =>
      isName(token) &&
      token.text === name &&
      groups.includes(queryOf(statement, index)) &&
      !isElsewhere(statement, index),
  );
}

/** The parenthesis of the query that a token belongs to: those of expressions and calls are left. */
function queryOf(statement: Statement, index: number): number {
  let group = statement.group[index] ?? 0;
  while (group !== 0 && !holdsQuery(statement, group)) group = statement.parent[group] ?? 0;
  return group;
}

function holdsQuery({ tokens, group }: Statement, wanted: number): boolean {
  return tokens.some(
    (token, index) => group[index] === wanted && isWord(token, "select", "update", "delete", "insert"),
  );
}

/** Places where the name cannot be the new column: qualified, called, an alias, a target. */
function isElsewhere(statement: Statement, index: number): boolean {
  const { tokens } = statement;
  const [before, after] = [tokens[index - 1], tokens[index + 1]];
  if (isSign(before, ".") || isWord(before, "as", "into", "constraint")) return true;
  if (["(", ":=", "=>", "."].some((sign) => isSign(after, sign))) return true;
  return isTarget(statement, index) || isIntoList(statement, index) || isInsertColumn(statement, index);
}

/** `SET email = …`. */
function isTarget({ tokens, group }: Statement, index: number): boolean {
  if (!isSign(tokens[index + 1], "=")) return false;
  for (let position = index - 1; position >= 0; position--) {
    if (group[position] !== group[index]) continue;
    if (isWord(tokens[position], "set")) return true;
    if (isWord(tokens[position], "where", "from", "on", "and", "or", "select")) return false;
  }
  return false;
}

/** `SELECT … INTO id, email`. */
function isIntoList({ tokens }: Statement, index: number): boolean {
  let position = index - 1;
  while (isSign(tokens[position], ",") && isName(tokens[position - 1])) position -= 2;
  return isWord(tokens[position], "into", "strict") && position < index - 1;
}

/** `INSERT INTO contacts (user_id, email)`. */
function isInsertColumn({ tokens, group }: Statement, index: number): boolean {
  const opened = group.indexOf(group[index] ?? 0) - 1;
  if (opened < 0 || !isName(tokens[opened - 1])) return false;
  const into = isSign(tokens[opened - 2], ".") ? opened - 4 : opened - 2;
  return isWord(tokens[into], "into");
}
