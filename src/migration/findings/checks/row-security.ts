import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { FindingCheck } from "../check.ts";
import { refusal, tableEvidence, warning } from "../evidence.ts";
import { tableName, tableSql } from "../subject.ts";

/** Row-level security: who does not see a row cannot let its user in. */
export const rowSecurityCheck: FindingCheck = {
  id: "row-security",
  applies: ({ users }) => users.rowSecurity,
  query: () => null,
  judge: (_, subject) => {
    const { forceRowSecurity, owner } = subject.users;
    const { serverRole } = subject.configuration;
    const shown = tableEvidence(
      subject,
      "relrowsecurity, relforcerowsecurity",
      `true, ${String(forceRowSecurity)}`,
    );
    const object = tableName(subject);
    if (forceRowSecurity) {
      return [
        refusal({
          code: "row_security_forced",
          object,
          message: `Row-level security is forced on ${object}, on its owner too: checks that count rows see fewer than there are, and so does every login.`,
          fix: `ALTER TABLE ${tableSql(subject)} NO FORCE ROW LEVEL SECURITY;`,
          evidence: shown,
        }),
      ];
    }
    return [
      warning({
        code: "row_security",
        object,
        message: `Row-level security is on for ${object}: Authgraft's server finds no users there unless it connects as the owner ${owner} or as a role with BYPASSRLS.`,
        fix:
          serverRole === undefined
            ? `Let the server connect as ${owner}, or as a role with BYPASSRLS.`
            : `ALTER ROLE ${quoteIdentifier(serverRole)} BYPASSRLS;`,
        evidence: shown,
      }),
    ];
  },
};
