import { type Token, tokenize } from "../../../postgres/sql-tokens.ts";
import { isName, isSign } from "../../findings/functions/statement.ts";
import type { Situation } from "../../situation.ts";
import type { LeftOut } from "../rehearsal.ts";

/** Kinds whose absence changes nothing that the graft does. */
const HARMLESS: ReadonlySet<string> = new Set([
  "role",
  "membership",
  "owner",
  "grant",
  "comment",
  "security label",
  "setting",
  "tablespace",
]);

/**
 * Of what was left out, what is a part of the users table or something that its own parts use: a rehearsal without
 * it would be of another table. Decided by the names in what PostgreSQL calls the thing.
 */
export function decidingOf({ users }: Situation, leftOut: readonly LeftOut[]): LeftOut[] {
  const parts = new Set([
    ...users.constraints.map((constraint) => constraint.name),
    ...users.indexes.map((index) => index.name),
    ...users.triggers.flatMap((trigger) => [trigger.name, trigger.functionName]),
    ...users.columns.flatMap((column) => typeAndDefaultNames(column)),
  ]);
  return leftOut.filter(({ kind, name }) => {
    if (HARMLESS.has(kind.toLowerCase())) return false;
    const words = tokenize(name);
    return words.some(
      ({ text }, index) =>
        parts.has(text) || (text === users.name && !isElsewhere(words, index, users.schema)),
    );
  });
}

/** Whether a name is qualified with another schema than this one. */
function isElsewhere(words: readonly Token[], index: number, schema: string): boolean {
  return words[index - 1]?.text === "." && words[index - 2]?.text !== schema;
}

/** `shop."Email"` names `Email`; `nextval('public.users_id_seq'::regclass)` names the function and the sequence. */
function typeAndDefaultNames(column: { readonly type: string; readonly default: string | null }): string[] {
  const ofType = namesIn(column.type);
  const ofDefault = tokenize(column.default ?? "").filter((token) => token.kind === "string");
  return [...ofType, ...namesIn(column.default ?? ""), ...ofDefault.flatMap((token) => namesIn(token.text))];
}

/** Names in a text, without the schemas that they are qualified with. */
function namesIn(text: string): string[] {
  const tokens = tokenize(text);
  return tokens
    .filter((token, index) => isName(token) && !isSign(tokens[index + 1], "."))
    .map(({ text: name }) => name);
}
