/** A word, name, constant or sign of a statement. */
export interface Token {
  readonly kind: "word" | "name" | "string" | "sign";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many parentheses it stands in. */
  readonly depth: number;
}

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const SPACE = /(?:\s+|--[^\n]*)+/y;

/** The tokens of a whole statement, one after another, without space and comments; read as few as are needed. */
export function* tokens(sql: string): Generator<Token, void> {
  let depth = 0;
  let at = afterSpace(sql, 0);
  while (at < sql.length) {
    const { kind, end } = tokenAt(sql, at);
    const text = sql.slice(at, end);
    if (text === ")") depth = Math.max(0, depth - 1);
    yield { kind, text, start: at, end, depth };
    if (text === "(") depth++;
    at = afterSpace(sql, end);
  }
}

/** The first tokens. */
export function firstTokens(sql: string, count: number): readonly Token[] {
  const first: Token[] = [];
  for (const token of tokens(sql)) {
    first.push(token);
    if (first.length === count) break;
  }
  return first;
}

/** A word in capitals, as keywords are compared; anything else as it is written. */
export function keyword(token: Token | undefined): string {
  if (token === undefined) return "";
  return token.kind === "word" ? token.text.toUpperCase() : token.text;
}

/** The name that a token stands for: folded, or without its quotes. */
export function nameOf(token: Token): string {
  if (token.kind === "name") return token.text.slice(1, -1).replaceAll('""', '"');
  if (token.kind === "string")
    return token.text
      .replace(/^[^']*'/, "")
      .slice(0, -1)
      .replaceAll("''", "'");
  return token.text.toLowerCase();
}

function tokenAt(sql: string, at: number): { readonly kind: Token["kind"]; readonly end: number } {
  const character = sql[at];
  if (character === '"') return { kind: "name", end: afterQuoted(sql, at, '"', false) };
  if (character === "'") return { kind: "string", end: afterQuoted(sql, at, "'", false) };
  if (/^e'/i.test(sql.slice(at, at + 2))) return { kind: "string", end: afterQuoted(sql, at + 1, "'", true) };
  const word = matchAt(WORD, sql, at);
  if (word !== undefined) return { kind: "word", end: word };
  const tag = matchAt(DOLLAR, sql, at);
  if (tag !== undefined) {
    const close = sql.indexOf(sql.slice(at, tag), tag);
    return { kind: "string", end: close === -1 ? sql.length : close + tag - at };
  }
  return { kind: "sign", end: matchAt(NUMBER, sql, at) ?? at + 1 };
}

function afterQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === "\\") at++;
    else if (sql[at] === quote && sql[at + 1] === quote) at++;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

function afterSpace(sql: string, start: number): number {
  let at = start;
  for (;;) {
    at = matchAt(SPACE, sql, at) ?? at;
    if (!sql.startsWith("/*", at)) return at;
    at = afterComment(sql, at);
  }
}

function afterComment(sql: string, start: number): number {
  let depth = 1;
  for (let at = start + 2; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair !== "/*" && pair !== "*/") continue;
    depth += pair === "/*" ? 1 : -1;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

function matchAt(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}
