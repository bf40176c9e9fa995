import type { LoadOptions } from "../rehearsal.ts";
import { firstTokens, keyword, type Token } from "./tokens.ts";

/** What is done with a statement. */
export type Rule =
  | { readonly does: "run" | "copy" | "pass over" | "switch role" }
  /** Left out, and said so. */
  | { readonly does: "leave out"; readonly reason: string };

const NEVER = "not taken into a rehearsal";

/**
 * What a rehearsal does not run, whatever its role may do. What a dump may do to the machine is bounded by the role
 * (see restore-role.ts); this keeps it from reaching out, and says in plain words what it lacks.
 */
const LEFT_OUT: readonly (readonly [RegExp, string])[] = [
  [/^CREATE SUBSCRIPTION /, `${NEVER}: it would connect to the real publisher`],
  [/^CREATE EVENT TRIGGER /, `${NEVER}: it takes a superuser, so what it would do to a change is not seen`],
  [/^CREATE SERVER /, `${NEVER}: it leads to another server`],
  [/^CREATE USER MAPPING /, `${NEVER}: it holds a login to another server`],
  [/^(CREATE|IMPORT) FOREIGN /, `${NEVER}: it leads to another server`],
  [/^CREATE TABLESPACE /, `${NEVER}: it is a directory of the other machine`],
  [/^ALTER SYSTEM /, `${NEVER}: it is the server's own configuration`],
  [/^ALTER DATABASE \S+ SET /, `${NEVER}: it is a setting of the database itself`],
  [/^LOAD /, `${NEVER}: it is a program of the other machine`],
];

/** What says nothing about the tables: the database's own frame, and roles, which are made when something names them. */
const PASSED_OVER: readonly RegExp[] = [
  /^(CREATE|ALTER|DROP) DATABASE /,
  /^(CREATE|ALTER|DROP) (ROLE|USER|GROUP) /,
  /^(ALTER|DROP) (SUBSCRIPTION|EVENT TRIGGER|SERVER|USER MAPPING|TABLESPACE|FOREIGN) /,
  /^(COMMENT|SECURITY LABEL)( FOR \S+)? ON (DATABASE|ROLE|SUBSCRIPTION|EVENT TRIGGER|SERVER|TABLESPACE|FOREIGN) /,
  /^(GRANT|REVOKE) .*ON (DATABASE|TABLESPACE|FOREIGN) /,
  /^SET (SESSION |LOCAL )?CLIENT_ENCODING /,
  /^ALTER EXTENSION |^COMMENT ON EXTENSION /,
];

const ROWS = [
  /^(INSERT|COPY|UPDATE|DELETE|MERGE|TRUNCATE) /,
  /^REFRESH MATERIALIZED VIEW /,
  /^SELECT (PG_CATALOG \. )?(LO_\w+|LOWRITE) /,
  /^(ALTER|GRANT|REVOKE|COMMENT) .*LARGE OBJECT /,
];

const FIRST = 14;

/** How a statement's first words decide what is done with it. */
export function ruleFor(sql: string, part: LoadOptions["part"]): Rule {
  const head = firstTokens(sql, FIRST);
  const words = `${head.map(keyword).join(" ")} `;
  if (part === "schema" && ROWS.some((pattern) => pattern.test(words))) {
    return { does: isCopyIn(head, sql) ? "copy" : "pass over" };
  }
  const [, reason] = LEFT_OUT.find(([pattern]) => pattern.test(words)) ?? [];
  if (reason !== undefined) return { does: "leave out", reason };
  if (PASSED_OVER.some((pattern) => pattern.test(words))) return { does: "pass over" };
  if (isMembership(head, sql)) return { does: "pass over" };
  if (/^(SET|RESET) SESSION AUTHORIZATION /.test(words)) return { does: "switch role" };
  if (!words.startsWith("COPY ")) return { does: "run" };
  return isCopyIn(head, sql)
    ? { does: "copy" }
    : { does: "leave out", reason: `${NEVER}: it reads or writes a file or a program of the server` };
}

/** Whether rows follow the statement. */
function isCopyIn(head: readonly Token[], sql: string): boolean {
  if (keyword(head[0]) !== "COPY") return false;
  const all = firstTokens(sql, 10_000).filter((token) => token.depth === 0);
  const from = all.findIndex((token) => keyword(token) === "FROM");
  return from !== -1 && keyword(all[from + 1]) === "STDIN";
}

/** GRANT role TO role: it has no ON. */
function isMembership(head: readonly Token[], sql: string): boolean {
  const verb = keyword(head[0]);
  if (verb !== "GRANT" && verb !== "REVOKE") return false;
  return !firstTokens(sql, 10_000).some((token) => token.depth === 0 && keyword(token) === "ON");
}
