import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { keyword, nameOf, type Token, tokens } from "./tokens.ts";

/** A role where a statement names it. */
export interface NamedRole {
  readonly name: string;
  /** Whether it comes to own or to act there; otherwise it is only granted something. */
  readonly acts: boolean;
  readonly start: number;
  readonly end: number;
}

const NO_ROLES = new Set(["PUBLIC", "CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"]);
const MAY_NAME = /\b(OWNER|GRANT|REVOKE|PRIVILEGES|POLICY|AUTHORIZATION|ROLE)\b/i;

/** How far into a statement a role can be named: behind that come bodies and rows. */
const REACH = 4_000;

/** The roles that a statement names. */
export function namedRoles(sql: string): readonly NamedRole[] {
  if (!MAY_NAME.test(sql.slice(0, REACH))) return [];
  const list: Token[] = [];
  for (const token of tokens(sql)) if (list.push(token) === REACH) break;
  const outer = list.filter((token) => token.depth === 0 && token.text !== ")" && token.text !== "(");
  return [...find(outer)];
}

function* find(list: readonly Token[]): Generator<NamedRole> {
  const words = list.map(keyword);
  const [verb, second] = words;
  const grants = verb === "GRANT" || verb === "REVOKE" || (verb === "ALTER" && second === "DEFAULT");
  for (const [at, word] of words.entries()) {
    const next = words[at + 1];
    if (verb === "ALTER" && word === "OWNER" && next === "TO") yield* rolesFrom(list, at + 2, true);
    if (grants && verb === "ALTER" && word === "FOR" && (next === "ROLE" || next === "USER")) {
      yield* rolesFrom(list, at + 2, true);
    }
    if (word === "AUTHORIZATION" && (verb === "SET" || verb === "CREATE"))
      yield* rolesFrom(list, at + 1, true);
    if (verb === "SET" && word === "ROLE") yield* rolesFrom(list, at + 1, true);
    if (grants && word === "BY") yield* rolesFrom(list, at + 1, true);
  }
  const to = words.findLastIndex((word) => word === "TO" || word === "FROM");
  if (grants && to > 0) yield* rolesFrom(list, to + 1, false);
  const policy = verb === "CREATE" && second === "POLICY" ? words.indexOf("TO") : -1;
  if (policy > 0) yield* rolesFrom(list, policy + 1, false);
}

/** A list of roles, up to what is none. */
function* rolesFrom(list: readonly Token[], from: number, acts: boolean): Generator<NamedRole> {
  let at = from;
  for (;;) {
    if (keyword(list[at]) === "GROUP") at++;
    const token = list[at];
    if (token === undefined || token.kind === "sign") return;
    const isRole = token.kind !== "word" || !(NO_ROLES.has(keyword(token)) || isOtherWord(token));
    if (isRole) yield { name: nameOf(token), acts, start: token.start, end: token.end };
    if (list[at + 1]?.text !== ",") return;
    at += 2;
  }
}

function isOtherWord(token: Token): boolean {
  return ["DEFAULT", "NONE"].includes(keyword(token));
}

/** The statement with other roles in the place of some. */
export function replaceRoles(
  sql: string,
  roles: readonly NamedRole[],
  substitute: (role: NamedRole) => string,
): string {
  let text = sql;
  for (const role of roles.toSorted((one, other) => other.start - one.start)) {
    const name = substitute(role);
    if (name !== role.name) text = text.slice(0, role.start) + quoteIdentifier(name) + text.slice(role.end);
  }
  return text;
}
