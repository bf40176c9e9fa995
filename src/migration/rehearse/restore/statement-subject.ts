import { keyword, type Token } from "./tokens.ts";

/** What a statement is about, in PostgreSQL's words. */
export interface Subject {
  readonly kind: string;
  readonly name: string;
}

const MODIFIERS = new Set([
  ...["OR", "REPLACE", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNLOGGED", "UNIQUE", "RECURSIVE"],
  ...["TRUSTED", "PROCEDURAL", "DEFAULT", "CONSTRAINT"],
]);
const FILLERS = new Set(["IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"]);

/** Kinds of more than one word. */
const LONG_KINDS = [
  ...["MATERIALIZED VIEW", "EVENT TRIGGER", "FOREIGN TABLE", "FOREIGN DATA WRAPPER", "USER MAPPING FOR"],
  ...["ACCESS METHOD", "OPERATOR CLASS", "OPERATOR FAMILY", "LARGE OBJECT", "TEXT SEARCH CONFIGURATION"],
  ...["TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "DEFAULT PRIVILEGES"],
].map((kind) => kind.split(" "));

/** Kinds whose name is their table's own: told with it. */
const OF_A_TABLE = new Set(["trigger", "policy", "rule", "index"]);

/** Reads what a statement makes or changes from its first tokens. */
export function subjectOf(head: readonly Token[]): Subject {
  const verb = keyword(head[0]);
  if (verb === "ALTER" && keyword(head[1]) === "SYSTEM")
    return { kind: "setting", name: nameAt(head, 3).name };
  if (verb === "CREATE" || verb === "ALTER" || verb === "DROP") return objectSubject(head, 1, verb);
  if (verb === "COMMENT" || verb === "SECURITY") {
    const { name } = objectSubject(head, after(head, "ON"), verb);
    return { kind: verb === "COMMENT" ? "comment" : "security label", name };
  }
  if (verb === "GRANT" || verb === "REVOKE") return grantSubject(head);
  if (verb === "COPY") return { kind: "rows", name: nameAt(head, 1).name };
  if (verb === "INSERT") return { kind: "rows", name: nameAt(head, 2).name };
  if (verb === "SET") return { kind: "setting", name: nameAt(head, 1).name.toLowerCase() };
  if (verb === "REFRESH") return { kind: "rows", name: nameAt(head, 3).name };
  return statementSubject(head);
}

/** A statement by its first words alone: what follows may hold a password. */
export function statementSubject(head: readonly Token[]): Subject {
  const isNamed = head[1]?.kind === "word" || head[1]?.kind === "name";
  const name = isNamed ? `${keyword(head[0])} ${nameAt(head, 1).name}` : keyword(head[0]);
  return { kind: "statement", name };
}

function objectSubject(head: readonly Token[], from: number, verb: string): Subject {
  let at = from;
  while (verb === "CREATE" && MODIFIERS.has(keyword(head[at]))) at++;
  const long = LONG_KINDS.find((words) => words.every((word, index) => keyword(head[at + index]) === word));
  const words = long ?? [keyword(head[at])];
  at += words.length;
  while (head[at]?.kind === "word" && FILLERS.has(keyword(head[at]))) at++;
  const kind = words.join(" ").toLowerCase().replace(" for", "");
  const { name, end } = nameAt(head, at);
  if (OF_A_TABLE.has(kind) && verb !== "ALTER") return { kind, name: `${name}${tableOf(head, end)}` };
  if (verb === "ALTER") return part(head, end) ?? { kind, name };
  return { kind, name };

  function part(list: readonly Token[], behind: number): Subject | undefined {
    const words = list
      .slice(behind, behind + 2)
      .map(keyword)
      .join(" ");
    if (words === "ADD CONSTRAINT") {
      return { kind: "constraint", name: `${nameAt(list, behind + 2).name} on ${name}` };
    }
    return list.some((token, index) => keyword(token) === "OWNER" && keyword(list[index + 1]) === "TO")
      ? { kind: "owner", name }
      : undefined;
  }
}

function tableOf(head: readonly Token[], from: number): string {
  const at = after(head, "ON", from);
  if (at === 0) return "";
  return ` on ${nameAt(head, keyword(head[at]) === "ONLY" ? at + 1 : at).name}`;
}

function grantSubject(head: readonly Token[]): Subject {
  const at = after(head, "ON");
  if (at === 0) return { kind: "membership", name: nameAt(head, 1).name };
  return { kind: "grant", name: objectSubject(head, at, "GRANT").name || nameAt(head, at).name };
}

/** The place behind a word outside of parentheses; 0 where there is none. */
function after(head: readonly Token[], word: string, from = 0): number {
  return head.findIndex((token, index) => index >= from && token.depth === 0 && keyword(token) === word) + 1;
}

/** A name, with its schema where that is given, and the place behind it. */
function nameAt(head: readonly Token[], start: number): { readonly name: string; readonly end: number } {
  let name = head[start]?.text ?? "";
  let end = start + 1;
  while (head[end]?.text === "." && head[end + 1] !== undefined) {
    name += `.${head[end + 1]?.text}`;
    end += 2;
  }
  return { name: name.replaceAll(/"([a-z_][a-z0-9_$]*)"/g, "$1"), end };
}
