import { editDistance, nearMatches } from "../../../config/near-match.ts";
import { EXISTING_ROLES, type Mapping, type Role } from "../../../users-table/mapping.ts";
import { findColumn } from "../../../users-table/relation.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck } from "../check.ts";
import { columnEvidence, refusal, shorten, warning } from "../evidence.ts";
import { columnName, registers, tableName } from "../subject.ts";

/** Whether the mapping speaks of columns that are there, one part each, that can be written. */
export const mappingCheck: FindingCheck = {
  id: "mapping",
  applies: () => true,
  query: () => null,
  judge: (_, subject) => [
    ...missing(subject),
    ...misspelt(subject),
    ...shared(subject),
    ...generated(subject),
  ],
};

function missing(subject: Examined): Finding[] {
  const { mapping, configuration, users } = subject;
  const told = EXISTING_ROLES.filter((role) => configuration.mapping[role] != null).map((role) => ({
    setting: `mapping.${role}`,
    column: mapping[role] ?? "",
  }));
  const admin = mapping.admin === null ? [] : [{ setting: "mapping.admin", column: mapping.admin.column }];
  const names = users.columns.map(({ name }) => name);
  return [...told, ...admin]
    .filter(({ column }) => findColumn(users, column) === undefined)
    .map(({ setting, column }) => {
      const near = nearMatches(column, names);
      return refusal({
        code: "mapping_column_missing",
        object: columnName(subject, column),
        message: `${setting} names the column ${column}, and ${tableName(subject)} has none of that name.`,
        fix:
          near.length > 0
            ? `Did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}? Set ${setting} to that.`
            : `Set ${setting} to one of its columns: ${shorten(names, 20)}.`,
        evidence: columnEvidence(subject, column),
      });
    });
}

/** How many letters may differ where a name to be added is taken for a slip of the pen. */
const SLIP = 2;

/** A name that the graft would add although the table has one that is nearly the same. */
function misspelt(subject: Examined): Finding[] {
  const { mapping, configuration, users } = subject;
  return ALWAYS_WRITTEN.flatMap((role) => {
    const column = mapping[role];
    if (configuration.mapping[role] == null || column === null || findColumn(users, column)) return [];
    const meant = users.columns.find(({ name }) => editDistance(name, column) <= SLIP);
    if (meant === undefined) return [];
    return [
      warning({
        code: "mapping_column_added",
        object: columnName(subject, column),
        message: `mapping.${role} names ${column}, which ${tableName(subject)} does not have, so the graft adds it; there is a column ${meant.name}.`,
        fix: `Set mapping.${role} to ${JSON.stringify(meant.name)} if that is the one that is meant.`,
        evidence: columnEvidence(subject, meant.name),
      }),
    ];
  });
}

function shared(subject: Examined): Finding[] {
  const roles = rolesOf(subject.mapping);
  const columns = [...new Set(roles.map(({ column }) => column))];
  return columns.flatMap((column) => {
    const playing = roles.filter((role) => role.column === column).map(({ role }) => role);
    if (playing.length < 2) return [];
    return [
      refusal({
        code: "mapping_column_shared",
        object: columnName(subject, column),
        message: `The column ${column} plays several parts at once: ${playing.join(", ")}. Writing one would overwrite the other.`,
        fix: `In mapping, give each of ${playing.join(", ")} a column of its own, or null where the table has none.`,
        evidence: columnEvidence(subject, column),
      }),
    ];
  });
}

/** Parts that are written whatever happens; the others only when the server registers users. */
const ALWAYS_WRITTEN: readonly Role[] = ["email", "password_hash", "is_admin"];
const AT_REGISTRATION: readonly Role[] = [
  "username",
  "display_name",
  "created_at",
  "auth_provider",
  "auth_provider_id",
];

function generated(subject: Examined): Finding[] {
  const written = registers(subject) ? [...ALWAYS_WRITTEN, ...AT_REGISTRATION] : ALWAYS_WRITTEN;
  return rolesOf(subject.mapping)
    .filter(({ role, column }) => written.includes(role) && findColumn(subject.users, column)?.generated)
    .map(({ role, column }) =>
      refusal({
        code: "mapping_column_generated",
        object: columnName(subject, column),
        message: `${column} is a generated column: PostgreSQL computes it, so ${role} cannot be written there.`,
        fix: generatedFix(role, column),
        evidence: columnEvidence(subject, column),
      }),
    );
}

function generatedFix(role: Role, column: string): string {
  if (role === "is_admin") {
    return `Set mapping.admin to {"column": ${JSON.stringify(column)}, "equals": "true"}, or set it to the column that ${column} is computed from.`;
  }
  if (role === "email" || role === "password_hash") {
    return `Set mapping.${role} to another column, or to a new name for one to be added.`;
  }
  return `Set mapping.${role} to null, or to the column that ${column} is computed from.`;
}

function rolesOf(mapping: Mapping): { role: Role; column: string }[] {
  return Object.entries(mapping).flatMap(([role, column]) =>
    typeof column === "string" ? [{ role: role as Role, column }] : [],
  );
}
