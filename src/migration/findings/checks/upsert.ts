import { isUnique } from "../../../users-table/relation.ts";
import type { FindingCheck } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { columnName, hasEmailIndex } from "../subject.ts";

/** The application's own unique(email), beside the graft's, which knows no upper and lower case. */
export const upsertCheck: FindingCheck = {
  id: "upsert",
  applies: (subject) => isUnique(subject.users, [subject.mapping.email]) && !hasEmailIndex(subject),
  query: () => null,
  judge: (_, subject) => {
    const { email } = subject.mapping;
    const own = subject.users.indexes.filter(({ unique, columns }) => unique && columns.join() === email);
    return [
      warning({
        code: "upsert_by_email",
        object: columnName(subject, email),
        message: `The graft makes ${email} unique whatever its case. An INSERT … ON CONFLICT (${email}) of the application fails then where the address stands there in another case, instead of updating that row.`,
        fix: `In the application, write addresses in lower case before the upsert, or use ON CONFLICT DO NOTHING and look the user up by lower(${email} COLLATE "C").`,
        evidence: evidence(
          {
            sql: "SELECT pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = $1::oid AND indisunique",
            values: [subject.users.oid],
          },
          subject,
          own.map(({ name }) => name).join(", "),
        ),
      }),
    ];
  },
};
