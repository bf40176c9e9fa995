/**
 * The part of @streamparser/json that is used. Its published declarations contradict themselves under
 * `exactOptionalPropertyTypes`.
 */

export interface ParsedToken {
  readonly token: number;
  readonly value: unknown;
}

export class Tokenizer {
  onToken: (token: ParsedToken) => void;
  onError: (error: Error) => void;
  write(input: string | Uint8Array): void;
}

export class TokenParser {
  constructor(options: { readonly paths: readonly string[]; readonly keepStack: boolean });
  readonly isEnded: boolean;
  onValue: (element: { readonly value: unknown }) => void;
  onError: (error: Error) => void;
  write(token: ParsedToken): void;
}

export const TokenType: {
  readonly LEFT_BRACE: number;
  readonly RIGHT_BRACE: number;
  readonly LEFT_BRACKET: number;
  readonly RIGHT_BRACKET: number;
};
