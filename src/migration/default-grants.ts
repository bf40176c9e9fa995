import { quoteIdentifier } from "../postgres/identifiers.ts";
import type { DefaultGrant, Situation } from "./situation.ts";

const WORDS: Readonly<Record<DefaultGrant["objects"], string>> = {
  tables: "TABLE",
  sequences: "SEQUENCE",
  schemas: "SCHEMA",
};

/**
 * Takes back what default privileges gave away of a new object; PUBLIC's always, which costs nothing to say.
 *
 * @see https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
 */
export function revokeDefaults(
  { defaultGrants, users }: Situation,
  objects: DefaultGrant["objects"],
  name: string,
): string {
  const roles = defaultGrants
    .filter((grant) => grant.objects === objects)
    .map(({ grantee }) => grantee)
    .filter((grantee) => grantee !== "PUBLIC" && grantee !== users.owner)
    .map(quoteIdentifier);
  return `REVOKE ALL ON ${WORDS[objects]} ${name} FROM ${["PUBLIC", ...new Set(roles)].join(", ")}`;
}
