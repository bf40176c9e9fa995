import { tokenize } from "../../findings/functions/tokens.ts";
import type { Situation } from "../../situation.ts";
import type { LeftOut } from "../rehearsal.ts";

/** Kinds whose absence changes nothing that the graft does. */
const HARMLESS: ReadonlySet<string> = new Set(["role", "owner", "tablespace", "comment", "acl", "grant"]);

/**
 * Whether what was left out is a part of the users table or something that its own parts use: a rehearsal
 * without it would be of another table. Decided by the names in what PostgreSQL calls the thing.
 */
export function decidesGraft({ users }: Situation, { kind, name }: LeftOut): boolean {
  if (HARMLESS.has(kind.toLowerCase())) return false;
  const parts = [
    users.name,
    ...users.constraints.map((constraint) => constraint.name),
    ...users.indexes.map((index) => index.name),
    ...users.triggers.flatMap((trigger) => [trigger.name, trigger.functionName]),
    ...users.columns.flatMap((column) => typeAndDefaultNames(column)),
  ];
  const named = tokenize(name).map((token) => token.text.toLowerCase());
  return parts.some((part) => named.includes(part.toLowerCase()));
}

/** `shop."Email"` names `Email`; `nextval('users_id_seq'::regclass)` names the function and the sequence. */
function typeAndDefaultNames(column: { readonly type: string; readonly default: string | null }): string[] {
  const [type] = tokenize(column.type).slice(-1);
  const inDefault = tokenize(column.default ?? "")
    .filter((token) => token.kind !== "sign" && token.kind !== "number")
    .flatMap((token) => (token.kind === "string" ? tokenize(token.text) : [token]));
  return [...(type?.kind === "quoted" ? [type] : []), ...inDefault].map((token) => token.text);
}
