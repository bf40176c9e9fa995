import type { Index } from "./relation.ts";

/**
 * Whether an index keeps emails unique without regard to ASCII case, and serves look-ups by
 * `lower(email COLLATE "C")`: over all rows or over those that have an email.
 *
 * @param email the column's name, as the catalog has it.
 */
export function isEmailIndex(index: Index, email: string): boolean {
  const expression = words(index.expressions);
  const predicate = words(index.predicate);
  return (
    index.unique &&
    index.immediate &&
    !index.nullsNotDistinct &&
    index.columns.length === 1 &&
    same(expression, ["lower", email, "COLLATE", "C"]) &&
    (index.predicate === null || same(predicate, [email, "IS", "NOT", "NULL"]))
  );
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}

/**
 * The words of an expression as PostgreSQL writes it back, names without their quotes. Parentheses and casts to
 * text are left out: how many there are depends on the column's type.
 */
function words(expression: string | null): string[] {
  const found = (expression ?? "").matchAll(
    /::(?:pg_catalog\.)?text\b|pg_catalog\.|"((?:[^"]|"")*)"|[^\s()"]+/gu,
  );
  return [...found].flatMap(([word, quoted]) => {
    if (quoted !== undefined) return [quoted.replaceAll('""', '"')];
    return word.startsWith("::") || word === "pg_catalog." ? [] : [word];
  });
}
