import { missingColumns } from "../../users-objects.ts";
import type { Subject } from "../check.ts";
import { tableName } from "../subject.ts";
import type { Hit, ReadFunction } from "./function-facts.ts";
import { mentions, stars } from "./mentions.ts";
import { columnList } from "./star-copies.ts";
import { isSign, isWord, type Statement } from "./statement.ts";

/** Functions whose declared row no longer is the row they make. */
export function brokenRowShapes(fn: ReadFunction, subject: Subject): Hit[] {
  const mismatch = `After the change ${fn.name} fails: `;
  const table = tableName(subject);
  if (fn.returnsRow && fn.atomic) {
    return [
      {
        text: fn.result ?? "",
        message: `${mismatch}its body was parsed with the columns of ${table} as they are now, and it returns rows of ${table}.`,
        fix: `Make ${fn.name} again with its body as a string (AS $$ SELECT * … $$), or with RETURNS TABLE (…) and the columns by name.`,
      },
    ];
  }
  const listed = fn.returnsRow ? fn.statements.filter((one) => returnsList(fn, one, subject)) : [];
  const starred = returnsOwnColumns(fn) ? fn.statements.filter((one) => returnsStar(fn, one, subject)) : [];
  const cast = fn.statements.filter((one) => castsRow(one, subject));
  return [
    ...[...listed, ...cast].map((statement) => ({
      text: statement.text,
      message: `${mismatch}it lists the columns of a row of ${table}, which has more columns then.`,
      fix: `In ${fn.name}, write SELECT * for a whole row of ${table}, or return the columns it lists with RETURNS TABLE (…).`,
    })),
    ...starred.map((statement) => ({
      text: statement.text,
      message: `${mismatch}it declares its own columns and returns every column of ${table}.`,
      fix: `In ${fn.name}, write ${columnList(subject)} instead of the star.`,
    })),
  ];
}

function returnsOwnColumns({ result }: ReadFunction): boolean {
  return result !== null && /^(TABLE\(|SETOF record|record)/.test(result);
}

/** The statement whose rows the function returns: RETURN QUERY, or the last one of a function in SQL. */
function isReturned(fn: ReadFunction, statement: Statement): boolean {
  if (fn.language === "sql") return statement === fn.statements.at(-1);
  const { tokens } = statement;
  return tokens.some((token, index) => isWord(token, "return") && isWord(tokens[index + 1], "query"));
}

function returnsStar(fn: ReadFunction, statement: Statement, subject: Subject): boolean {
  return (
    isReturned(fn, statement) &&
    stars(statement, subject.users).some((star) => statement.group[star.index] === 0)
  );
}

/** `SELECT id, username FROM users`, as the rows of a function that RETURNS users. */
function returnsList(fn: ReadFunction, statement: Statement, { users }: Subject): boolean {
  const { tokens, group } = statement;
  const select = tokens.findIndex(
    (token, index) => isWord(token, "select", "returning") && group[index] === 0,
  );
  if (!isReturned(fn, statement) || select < 0 || stars(statement, users).length > 0) return false;
  const from = tokens.findIndex(
    (token, index) => index > select && isWord(token, "from") && group[index] === 0,
  );
  const list = tokens.slice(select, from < 0 ? undefined : from);
  return list.some((token, offset) => isSign(token, ",") && group[select + offset] === 0);
}

/** `ROW(…)::users`. */
function castsRow({ tokens, group }: Statement, { users }: Subject): boolean {
  return tokens.some((token, index) => {
    if (!isSign(token, "::") || !isSign(tokens[index - 1], ")")) return false;
    const qualified = isSign(tokens[index + 2], ".");
    const type = tokens[qualified ? index + 3 : index + 1];
    const opened = group.indexOf(group[index - 2] ?? 0) - 1;
    return type?.text === users.name && isWord(tokens[opened - 1], "row");
  });
}

/** `INSERT INTO users VALUES (r.*)`: a row variable holds NULL for `is_admin`, which takes none. */
export function wholeRowInserts(fn: ReadFunction, subject: Subject): Hit[] {
  const { mapping } = subject;
  if (!missingColumns(subject).some(({ name }) => name === mapping.is_admin)) return [];
  return fn.statements
    .filter((statement) => insertsRow(statement, subject))
    .map((statement) => ({
      text: statement.text,
      message: `${fn.name} inserts a whole row into ${tableName(subject)}: the row's ${mapping.is_admin} is NULL, so the INSERT fails after the change, and whoever fills the row decides who is an administrator.`,
      fix: `In ${fn.name}, name the columns: INSERT INTO ${tableName(subject)} (${columnList(subject)}) SELECT and the same of the row.`,
    }));
}

function insertsRow(statement: Statement, { users }: Subject): boolean {
  const { tokens } = statement;
  const named = mentions(statement, users);
  const target = named.find((mention) => mention.role === "target" && mention.wanted);
  if (target === undefined || !isWord(tokens[target.index + 1], "values", "select")) return false;
  const rest = tokens.slice(target.index);
  const populates = rest.some((token) => /^jsonb?_populate_record(set)?$/.test(token.text));
  const variable = rest.some((token, index) => {
    const aliases = named.flatMap((mention) => [mention.name, mention.alias]);
    const star = isSign(rest[index + 1], ".") && isSign(rest[index + 2], "*");
    return star && token.kind === "word" && !aliases.includes(token.text);
  });
  return populates || variable;
}
