/** The part of papaparse that is used. Its published declarations name types that only browsers have. */

export interface ParseError {
  readonly code: string;
  /** Of the rows that were parsed; absent where it is about the whole. */
  readonly row?: number;
}

export interface ParseResult {
  readonly data: string[][];
  readonly errors: ParseError[];
  /** `cursor` is behind the last row that is whole. */
  readonly meta: { readonly cursor: number };
}

declare class Parser {
  constructor(options: { readonly delimiter: string; readonly newline: string });
  parse(text: string, baseIndex: number, ignoreLastRow: boolean): ParseResult;
}

declare const Papa: {
  readonly Parser: typeof Parser;
  unparse(rows: readonly (readonly unknown[])[], options: { readonly newline: string }): string;
};

export type { Parser };
// biome-ignore lint/style/noDefaultExport: it is what the package has.
export default Papa;
