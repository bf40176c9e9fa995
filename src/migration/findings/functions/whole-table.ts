import type { Subject } from "../check.ts";
import { columnName, tableName } from "../subject.ts";
import type { Hit, ReadFunction } from "./function-facts.ts";
import { mentions, type TableNamed } from "./mentions.ts";
import { columnList } from "./star-copies.ts";
import { isName, isSign, isWord, type Statement } from "./statement.ts";

/** COPY of the whole table: reading a file finds too few columns, writing one puts the hashes into it. */
export function wholeCopies(fn: ReadFunction, subject: Subject): Hit[] {
  return fn.statements
    .filter((statement) => copiesWhole(statement, subject.users))
    .map((statement) => ({
      text: statement.text,
      message: `${fn.name} runs COPY on ${tableName(subject)} without columns: after the change COPY FROM fails for want of data for the new columns, and COPY TO writes the password hashes out.`,
      fix: `In ${fn.name}, write COPY ${tableName(subject)} (${columnList(subject)}).`,
    }));
}

function copiesWhole({ tokens }: Statement, table: TableNamed): boolean {
  return tokens.some((token, index) => {
    if (!isWord(token, "copy")) return false;
    const end = nameAt(tokens, index + 1, table);
    return end !== undefined && isWord(tokens[end], "from", "to");
  });
}

/** TRUNCATE, which foreign keys stop, and whose CASCADE reaches the revoked tokens. */
export function truncations(fn: ReadFunction, subject: Subject): Hit[] {
  return fn.statements
    .filter((statement) => truncates(statement, subject.users))
    .map((statement) => ({
      text: statement.text,
      message: `${fn.name} truncates ${tableName(subject)}: after the change TRUNCATE fails, because the graft's tables refer to it, and with CASCADE it empties revoked_tokens, so revoked tokens live again.`,
      fix: `In ${fn.name}, write DELETE FROM ${tableName(subject)} instead.`,
    }));
}

function truncates({ tokens }: Statement, table: TableNamed): boolean {
  return tokens.some((token, index) => {
    if (!isWord(token, "truncate")) return false;
    let position = index + 1;
    while (isWord(tokens[position], "table", "only")) position++;
    while (isName(tokens[position])) {
      if (nameAt(tokens, position, table) !== undefined) return true;
      position += isSign(tokens[position + 1], ".") ? 3 : 1;
      position += isSign(tokens[position], ",") ? 1 : 0;
    }
    return false;
  });
}

/** The index after the table's name where it stands at `start`, qualified or not. */
function nameAt(tokens: Statement["tokens"], start: number, table: TableNamed): number | undefined {
  const qualified = isSign(tokens[start + 1], ".");
  if (qualified && tokens[start]?.text !== table.schema) return undefined;
  const name = qualified ? start + 2 : start;
  return isName(tokens[name]) && tokens[name].text === table.name ? name + 1 : undefined;
}

const ROW_TO_DATA: ReadonlySet<string> = new Set([
  "to_json",
  "to_jsonb",
  "row_to_json",
  "json_agg",
  "jsonb_agg",
  "hstore",
]);

/** Trigger functions that keep rows as JSON or hstore: the hash is kept with them. */
export function auditedRows(fn: ReadFunction, subject: Subject): Hit[] {
  if (fn.triggers.length === 0) return [];
  const { password_hash: hash } = subject.mapping;
  return fn.statements.flatMap((statement) => {
    const call = rowCalls(statement, ["old", "new"], hash)[0];
    if (call === undefined) return [];
    const record = call.argument.toUpperCase();
    const cleaned = `${call.name === "hstore" ? "hstore" : "to_jsonb"}(${record}) - '${hash.replaceAll("'", "''")}'::text`;
    return [
      {
        text: statement.text,
        message: `A trigger of ${tableName(subject)} (${fn.triggers.join(", ")}) keeps whole rows with ${call.name}(${record}): a copy of every password hash stands where it writes them.`,
        fix: `In ${fn.name}, leave the hash out: ${cleaned}.`,
      },
    ];
  });
}

/** SECURITY DEFINER functions that hand whole rows to callers who may not read the table themselves. */
export function rowsHandedOut(fn: ReadFunction, subject: Subject): Hit[] {
  if (!fn.securityDefiner || fn.triggers.length > 0) return [];
  const hash = columnName(subject, subject.mapping.password_hash);
  const fix = `In ${fn.name}, return the columns its callers need by name, with RETURNS TABLE (…), and not ${subject.mapping.password_hash}.`;
  const message = `${fn.name} is SECURITY DEFINER and returns whole rows of ${tableName(subject)}: whoever may run it reads ${hash}.`;
  if (fn.returnsRow) return [{ text: fn.result ?? "", message, fix }];
  return fn.statements.flatMap((statement) => {
    const aliases = mentions(statement, subject.users)
      .filter((mention) => mention.wanted)
      .map((mention) => mention.alias ?? mention.name);
    const calls = rowCalls(statement, aliases, subject.mapping.password_hash);
    return calls.length === 0 ? [] : [{ text: statement.text, message, fix }];
  });
}

/** The same for a view's definition, which PostgreSQL writes with `u.*` only where a row is meant whole. */
export function handsOutRows(statement: Statement, { users }: Subject): boolean {
  const aliases = mentions(statement, users)
    .filter((mention) => mention.wanted)
    .map((mention) => mention.alias ?? mention.name);
  return statement.tokens.some(
    (token, index) =>
      isName(token) &&
      aliases.includes(token.text) &&
      isSign(statement.tokens[index + 1], ".") &&
      isSign(statement.tokens[index + 2], "*"),
  );
}

interface RowCall {
  readonly name: string;
  readonly argument: string;
}

/** Calls such as `to_jsonb(NEW)` whose result keeps the column `without`. */
function rowCalls({ tokens }: Statement, rows: readonly string[], without: string): RowCall[] {
  return tokens.flatMap((token, index): RowCall[] => {
    const argument = tokens[index + 2];
    if (!isName(token) || !ROW_TO_DATA.has(token.text) || !isSign(tokens[index + 1], "(")) return [];
    if (!isName(argument) || !rows.includes(argument.text)) return [];
    const whole = isSign(tokens[index + 3], ".") && isSign(tokens[index + 4], "*");
    const close = index + (whole ? 5 : 3);
    if (!isSign(tokens[close], ")")) return [];
    const removes = isSign(tokens[close + 1], "-") && tokens[close + 2]?.text === without;
    return removes ? [] : [{ name: token.text, argument: argument.text }];
  });
}
