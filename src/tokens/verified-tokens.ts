/** Tokens whose signature was found good, by the whole token. */
export interface VerifiedTokens<Value> {
  get(token: string): Value | undefined;
  set(token: string, value: Value): void;
  delete(token: string): void;
}

/**
 * A map that holds so many entries at the most and forgets what was not asked for lately: two halves, of which the
 * older one goes when the newer one is full. Only what was signed by us gets in, so that nobody can fill it with junk.
 */
export function createVerifiedTokens<Value>(capacity: number): VerifiedTokens<Value> {
  const half = Math.ceil(capacity / 2);
  let [newer, older] = [new Map<string, Value>(), new Map<string, Value>()];
  const set = (token: string, value: Value) => {
    if (newer.size >= half) [newer, older] = [new Map(), newer];
    newer.set(token, value);
  };
  return {
    get(token) {
      const value = newer.get(token);
      if (value !== undefined) return value;
      const found = older.get(token);
      if (found !== undefined) set(token, found);
      return found;
    },
    set,
    delete(token) {
      newer.delete(token);
      older.delete(token);
    },
  };
}
