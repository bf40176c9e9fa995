import type { Token } from "../../../postgres/sql-tokens.ts";
import { isName, isSign, isWord, type Statement, together, words } from "./statement.ts";

/** The table asked for, by schema and name. */
export interface TableNamed {
  readonly schema: string;
  readonly name: string;
}

/** A place in a statement where a relation is named. */
export interface Mention {
  /** The token of the relation's own name. */
  readonly index: number;
  readonly role: "source" | "target";
  readonly name: string;
  readonly alias: string | null;
  /** Whether it is the table asked for. */
  readonly wanted: boolean;
}

/** Words after which a name follows that is read or written. */
const BEFORE_NAME: Readonly<Record<string, Mention["role"]>> = {
  from: "source",
  join: "source",
  using: "source",
  into: "target",
  update: "target",
  only: "source",
};
const AFTER_LIST = words(
  "where group order having limit offset fetch window returning for set values select union except intersect loop",
);
const NOT_AN_ALIAS = words(
  "as on using join inner left right full cross natural lateral tablesample default overriding from do then when if strict into",
);

/** Every place in the statement where a relation is named after FROM, JOIN, USING, INTO or UPDATE. */
export function mentions(statement: Statement, table: TableNamed): Mention[] {
  const { tokens } = statement;
  const found: Mention[] = [];
  tokens.forEach((_, index) => {
    const role = roleAfter(statement, index);
    if (role === undefined) return;
    const mention = readName(statement, index + 1, role, table);
    if (mention !== undefined) found.push(mention);
  });
  return found;
}

/** What a name right after this token would be; undefined where no relation can follow. */
function roleAfter(statement: Statement, index: number): Mention["role"] | undefined {
  const { tokens } = statement;
  const token = tokens[index];
  if (token?.kind === "word") {
    if (isWord(tokens[index + 1], "only")) return undefined;
    if (token.text === "from" && isWord(tokens[index - 1], "delete")) return "target";
    if (token.text === "update" && isWord(tokens[index - 1], "for", "do", "no", "key")) return undefined;
    if (token.text === "into" && !isWord(tokens[index - 1], "insert", "merge")) return undefined;
    return BEFORE_NAME[token.text];
  }
  return isSign(token, ",") && isInFromList(statement, index) ? "source" : undefined;
}

function isInFromList(statement: Statement, comma: number): boolean {
  for (let index = comma - 1; index >= 0; index--) {
    if (!together(statement, index, comma)) continue;
    const token = statement.tokens[index];
    if (isWord(token, "from")) return true;
    if (token?.kind === "word" && AFTER_LIST.has(token.text)) return false;
  }
  return false;
}

function readName(
  { tokens }: Statement,
  start: number,
  role: Mention["role"],
  table: TableNamed,
): Mention | undefined {
  if (!isName(tokens[start])) return undefined;
  const qualified = isSign(tokens[start + 1], ".") && isName(tokens[start + 2]);
  const index = qualified ? start + 2 : start;
  const name = tokens[index]?.text ?? "";
  const schema = qualified ? tokens[start]?.text : undefined;
  const afterAs = isWord(tokens[index + 1], "as") ? index + 2 : index + 1;
  const alias = tokens[afterAs];
  return {
    index,
    role,
    name,
    alias: isAlias(alias) ? alias.text : null,
    wanted: name === table.name && (schema === undefined || schema === table.schema),
  };
}

function isAlias(token: Token | undefined): token is Token {
  if (token?.kind === "quoted") return true;
  return token?.kind === "word" && !AFTER_LIST.has(token.text) && !NOT_AN_ALIAS.has(token.text);
}

/** A star that stands for the columns of the table. */
export interface Star {
  readonly index: number;
  readonly returning: boolean;
}

/** The stars in the statement that stand for the table's columns: `*`, `u.*`, `RETURNING *`. */
export function stars(statement: Statement, table: TableNamed): Star[] {
  const named = mentions(statement, table);
  return statement.tokens.flatMap((_, index): Star[] => {
    if (!isStar(statement, index)) return [];
    const returning = follows(statement, index, "returning");
    const meant = covered(statement, index, named, returning);
    return meant.some((mention) => mention.wanted) ? [{ index, returning }] : [];
  });
}

/** The relations whose columns a star stands for. */
function covered(
  statement: Statement,
  star: number,
  named: readonly Mention[],
  returning: boolean,
): Mention[] {
  const inserts = returning && isInsert(statement, star);
  const qualifier = isSign(statement.tokens[star - 1], ".") ? qualifierOf(statement, star) : null;
  return named.filter(
    (mention) =>
      together(statement, mention.index, star) &&
      (returning ? mention.role === "target" || !inserts : mention.role === "source") &&
      (qualifier === null || qualifier === (mention.alias ?? mention.name)),
  );
}

/** RETURNING of an INSERT gives the row that was written, not the one it was selected from. */
function isInsert(statement: Statement, before: number): boolean {
  return statement.tokens.some(
    (token, index) => index < before && together(statement, index, before) && isWord(token, "insert"),
  );
}

function qualifierOf({ tokens }: Statement, star: number): string {
  const name = tokens[star - 2];
  return isSign(name, ")") ? (tokens[star - 3]?.text ?? "") : (name?.text ?? "");
}

/** A star in the place of a column list; not a product, not the star of `count(*)`. */
function isStar({ tokens }: Statement, index: number): boolean {
  const [before, after] = [tokens[index - 1], tokens[index + 1]];
  if (!isSign(tokens[index], "*")) return false;
  const begins =
    isWord(before, "select", "distinct", "all", "returning") ||
    [",", ".", ")"].some((sign) => isSign(before, sign));
  const ends = after === undefined || after.kind === "word" || [",", ")"].some((sign) => isSign(after, sign));
  return begins && ends && !(isSign(before, ")") && isName(after) && !isWord(after, "from", "into"));
}

/** Whether `word` stands before the token in its part, with no other clause between. */
function follows(statement: Statement, index: number, word: string): boolean {
  for (let position = index - 1; position >= 0; position--) {
    const token = statement.tokens[position];
    if (!together(statement, position, index) || token?.kind !== "word") continue;
    if (token.text === word) return true;
    if (AFTER_LIST.has(token.text) || token.text === "from") return false;
  }
  return false;
}
