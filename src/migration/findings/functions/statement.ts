import { type Token, tokenize } from "../../../postgres/sql-tokens.ts";

/**
 * One statement as tokens, with the parentheses each stands in.
 *
 * This is a reading by the words, not a parser: enough to say where a table is named and where a star
 * stands for its columns. What it finds is a warning with the line beside it, for a person to look at.
 */
export interface Statement {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** For each token, the number of the parenthesis it stands in; 0 outside all. */
  readonly group: readonly number[];
  /** For each parenthesis, the one it stands in itself. */
  readonly parent: readonly number[];
  /** For each token, the part of its group it stands in: UNION and a new statement word begin one. */
  readonly part: readonly number[];
}

/** The statements of a function's body, and those inside its strings, which EXECUTE may run. */
export function readStatements(source: string): Statement[] {
  const statements: Statement[] = [];
  let open: Token[] = [];
  const close = () => {
    if (open.length > 0) statements.push(describe(source, open));
    open = [];
  };
  for (const token of tokenize(source)) {
    if (token.text === ";" && token.kind === "sign") close();
    else open.push(token);
    if (token.kind === "string" && /\s/.test(token.text.trim()))
      statements.push(...readStatements(token.text));
  }
  close();
  return statements;
}

/** A set of words, written as they are read. */
export function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

const STARTERS = words(
  "select insert update delete with truncate copy return perform execute for if raise begin merge",
);
const OPENERS = words("begin then else loop");
const SET_OPERATIONS = words("union except intersect");

function describe(source: string, tokens: readonly Token[]): Statement {
  const parent = [0];
  const stack = [0];
  const group: number[] = [];
  const part: number[] = [];
  const parts = new Map<number, number>();
  tokens.forEach((token, index) => {
    if (isSign(token, ")") && stack.length > 1) stack.pop();
    const current = stack.at(-1) ?? 0;
    if (beginsPart(tokens, index)) parts.set(current, (parts.get(current) ?? 0) + 1);
    group.push(current);
    part.push(parts.get(current) ?? 0);
    if (isSign(token, "(")) {
      parent.push(current);
      stack.push(parent.length - 1);
    }
  });
  const [first, last] = [tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0];
  return { text: source.slice(first, last), tokens, group, parent, part };
}

/** UNION begins a new SELECT; after THEN or LOOP the body's next statement begins, except within CASE. */
function beginsPart(tokens: readonly Token[], index: number): boolean {
  const [before, token] = [tokens[index - 1], tokens[index]];
  if (token?.kind !== "word") return false;
  if (SET_OPERATIONS.has(token.text)) return true;
  return before?.kind === "word" && OPENERS.has(before.text) && STARTERS.has(token.text);
}

/** Whether a token is this sign. */
export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "sign" && token.text === text;
}

/** Whether a token is one of these words, unquoted. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === "word" && words.includes(token.text);
}

/** Whether a token can be a name. */
export function isName(token: Token | undefined): token is Token {
  return token?.kind === "word" || token?.kind === "quoted";
}

/** Whether two tokens stand in the same part of the same parenthesis. */
export function together(statement: Statement, left: number, right: number): boolean {
  return statement.group[left] === statement.group[right] && statement.part[left] === statement.part[right];
}
