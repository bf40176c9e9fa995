import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { acceptableRefusal, evidence, warning } from "../evidence.ts";
import { isPending, registers, tableName, tableSql } from "../subject.ts";

interface Rule {
  readonly name: string;
  readonly event: "SELECT" | "UPDATE" | "INSERT" | "DELETE";
  readonly instead: boolean;
}

/** Rules rewrite statements before they run; an INSTEAD one takes registration's place. */
export const rulesCheck: FindingCheck<Rule> = {
  id: "rules",
  applies: () => true,
  query,
  judge: (rows, subject) =>
    rows.map(({ name, event, instead }) => {
      const replaces = instead && (event === "UPDATE" || (event === "INSERT" && registers(subject)));
      const found = {
        code: replaces ? "rule_replaces_writes" : "rule_on_table",
        object: name,
        message: replaces
          ? `The rule ${name} puts something else in the place of ${event} on ${tableName(subject)}: PostgreSQL refuses RETURNING there, so ${event === "INSERT" ? "registration" : "setting a password"} fails.`
          : `The rule ${name} rewrites every ${event} on ${tableName(subject)}, Authgraft's too. It was parsed with the columns of its day: it copies none of the new ones.`,
        fix: `DROP RULE ${quoteIdentifier(name)} ON ${tableSql(subject)}; -- and make a trigger that does the same`,
        evidence: evidence(query(subject), subject, `${name}: ON ${event}${instead ? " DO INSTEAD" : ""}`),
      };
      return replaces && isPending(subject) ? acceptableRefusal(found) : warning(found);
    }),
};

function query({ users }: Examined): Query {
  return {
    sql: `
      SELECT rulename::text AS name, is_instead AS instead,
        CASE ev_type WHEN '1' THEN 'SELECT' WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END AS event
      FROM pg_catalog.pg_rewrite WHERE ev_class = $1::oid AND ev_enabled <> 'D' ORDER BY 1`,
    values: [users.oid],
  };
}
