import { type Token, tokenize } from "../../../postgres/sql-tokens.ts";
import { words } from "../../findings/functions/statement.ts";

/** Words after which a value stands: there `?` is a placeholder, elsewhere it is the operator of jsonb. */
const BEFORE_A_VALUE = words(
  "limit offset like ilike and or not between when then else select where in is any all similar to escape by interval case having on values from using returning as set symmetric",
);

/** Writes `?` and `:name` as `$1`, `$2` …, outside strings, names and comments; a statement with `$n` stays as it is. */
export function numberPlaceholders(sql: string): string {
  const tokens = tokenize(sql);
  if (tokens.some(isNumbered)) return sql;
  const names: string[] = [];
  let result = "";
  let done = 0;
  for (const [index, token] of tokens.entries()) {
    const end = placeholderEnd(tokens, index);
    if (end === null) continue;
    result += `${sql.slice(done, token.start)}$${numberOf(names, sql.slice(token.start, end))}`;
    done = end;
  }
  return result + sql.slice(done);
}

/** Whether a token is `$1`. */
export function isNumbered(token: Token | undefined): boolean {
  return token?.kind === "number" && token.text.startsWith("$");
}

/** Where the placeholder that begins at this token ends; null where none begins. */
function placeholderEnd(tokens: readonly Token[], index: number): number | null {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (token?.kind !== "sign") return null;
  if (token.text === "?") return isOperator(before, token, after) ? null : token.end;
  const touches = after !== undefined && after.start === token.end && after.kind === "word";
  const slice = before !== undefined && before.end === token.start && before.kind !== "sign";
  return token.text === ":" && touches && !slice ? after.end : null;
}

function isOperator(before: Token | undefined, token: Token, after: Token | undefined): boolean {
  const joined = (other: Token | undefined, signs: string) =>
    other?.kind === "sign" && signs.includes(other.text);
  if (after?.start === token.end && joined(after, "|&")) return true;
  if (before?.end === token.start && joined(before, "@")) return true;
  if (before?.kind === "word") return !BEFORE_A_VALUE.has(before.text);
  return before !== undefined && (before.kind !== "sign" || ")]".includes(before.text));
}

/** Each `?` is another value, each name the same wherever it stands. */
function numberOf(names: string[], text: string): number {
  const known = text === "?" ? -1 : names.indexOf(text);
  return known >= 0 ? known + 1 : names.push(text);
}
