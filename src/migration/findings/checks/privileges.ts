import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, refusal, tableEvidence } from "../evidence.ts";
import { isPending, tableName } from "../subject.ts";

interface SchemaFacts {
  readonly graftSchemaExists: boolean;
}

/** What the connection's role may not do, each with the GRANT that lets it. */
export const privilegesCheck: FindingCheck<SchemaFacts> = {
  id: "privileges",
  applies: (subject) => isPending(subject) && !subject.privileges.superuser,
  query,
  judge: (rows, subject) => {
    const exists = rows[0]?.graftSchemaExists === true;
    return [
      ...notOwner(subject),
      ...noCreateInSchema(subject),
      ...(exists ? [] : noCreateInDatabase(subject)),
    ];
  },
};

function query({ configuration }: Examined): Query {
  return {
    sql: `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1) AS "graftSchemaExists"`,
    values: [configuration.schema],
  };
}

function notOwner(subject: Examined): Finding[] {
  const { owner } = subject.users;
  const { user } = subject.server;
  if (subject.privileges.ownsUsersTable) return [];
  return [
    refusal({
      code: "not_owner",
      object: tableName(subject),
      message: `${tableName(subject)} belongs to ${owner}, and ${user} is not a member of that role: only its owner can alter a table.`,
      fix: `GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(user)};`,
      evidence: tableEvidence(
        subject,
        "relowner::regrole, pg_has_role(relowner, 'MEMBER')",
        `${owner}, false`,
      ),
    }),
  ];
}

function noCreateInSchema(subject: Examined): Finding[] {
  const { schema, owner } = subject.users;
  const { createInSchema, ownerCreatesInSchema } = subject.privileges;
  const lacking = [
    ...(createInSchema ? [] : [subject.server.user]),
    ...(ownerCreatesInSchema ? [] : [owner]),
  ];
  return [...new Set(lacking)].map((role) =>
    refusal({
      code: "no_create_in_schema",
      object: schema,
      message: `${role} may not create tables in the schema ${schema}, where revoked_tokens is to stand${role === owner ? " and belong to it" : ""}.`,
      fix: `GRANT CREATE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)};`,
      evidence: evidence(
        { sql: "SELECT has_schema_privilege($1, $2, 'CREATE')", values: [role, schema] },
        subject,
        "false",
      ),
    }),
  );
}

function noCreateInDatabase(subject: Examined): Finding[] {
  const { database, user } = subject.server;
  if (subject.privileges.createInDatabase) return [];
  const { schema } = subject.configuration;
  return [
    refusal({
      code: "no_create_in_database",
      object: database,
      message: `${user} may not create schemas in the database ${database}, and the graft keeps its tables in the schema ${schema}.`,
      fix: `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)};`,
      evidence: evidence(
        { sql: "SELECT has_database_privilege($1, $2, 'CREATE')", values: [user, database] },
        subject,
        "false",
      ),
    }),
  ];
}
