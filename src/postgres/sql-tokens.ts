/** A word, name, constant or sign of SQL or PL/pgSQL text. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "sign";
  /** A word in lower case, a quoted name without its quotes, the inside of a string, a sign as it stands. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const PATTERNS: readonly (readonly [Token["kind"] | "blank", RegExp])[] = [
  ["blank", /\s+|--[^\n\r]*/y],
  ["string", /e'((?:[^'\\]|''|\\[\s\S])*)'/iy],
  ["string", /(?:[bxn]|u&)?'((?:[^']|'')*)'/iy],
  // Unlike words, tags are told apart by case.
  ["string", /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$([\s\S]*?)\$\1\$/y],
  ["quoted", /(?:u&)?"((?:[^"]|"")*)"/iy],
  ["word", /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/iy],
  ["number", /\.?\d[\w.]*|\$\d+/y],
  ["sign", /::|:=|=>|[\s\S]/y],
];

/**
 * Cuts SQL or PL/pgSQL text into tokens; comments and blanks are left out.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < source.length) {
    const end = source.startsWith("/*", position) ? endOfComment(source, position) : undefined;
    const token = end === undefined ? next(source, position) : undefined;
    if (token?.kind !== "blank" && token !== undefined) tokens.push({ ...token, kind: token.kind });
    position = end ?? token?.end ?? source.length;
  }
  return tokens;
}

function next(source: string, start: number) {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(source);
    if (match !== null) return { kind, text: textOf(kind, match), start, end: pattern.lastIndex };
  }
  return undefined;
}

function textOf(kind: Token["kind"] | "blank", match: RegExpExecArray): string {
  const [whole, first = "", second] = match;
  if (kind === "word") return whole.toLowerCase();
  if (kind === "quoted") return first.replaceAll('""', '"');
  if (kind === "string") return second ?? first.replaceAll("''", "'");
  return whole;
}

/** Comments between slash and star may stand inside each other. */
function endOfComment(source: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(source); match !== null; match = edge.exec(source)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return source.length;
}
