import { nearMatches } from "../../../config/near-match.ts";
import { findColumn } from "../../../users-table/relation.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { columnEvidence, evidence, refusal, shorten, warning } from "../evidence.ts";
import { columnName, isPending, registers, tableName } from "../subject.ts";

interface Unfilled {
  readonly name: string;
  /** The type's category as PostgreSQL has it: `B` boolean, `D` time, `N` number, `S` text … */
  readonly category: string;
  readonly type: string;
}

/** Columns that take no NULL and have no default: what is registration to write there (C6)? */
export const registrationCheck: FindingCheck<Unfilled> = {
  id: "registration",
  applies: registers,
  query,
  judge: (rows, subject) => {
    const { mapping, configuration } = subject;
    const { values, generateId } = configuration.registration;
    const id = rows.find(({ name }) => name === mapping.id);
    const others = rows.filter(({ name }) => !writes(subject).includes(name) && !Object.hasOwn(values, name));
    return [
      ...(id === undefined || generateId !== undefined ? [] : [noId(subject, id)]),
      ...(others.length === 0 ? [] : [noValues(subject, others)]),
      ...wrongValues(subject),
    ];
  },
};

/** The columns that registration fills with what a user gives. */
function personal({ mapping }: Examined): (string | null)[] {
  return [mapping.id, mapping.email, mapping.username, mapping.display_name, mapping.password_hash];
}

/** The columns that registration fills; NULL in place of the provider's id, which the graft allows. */
function writes(subject: Examined): (string | null)[] {
  const { mapping, users } = subject;
  const yesOrNo = findColumn(users, mapping.is_admin)?.baseType === "bool";
  return [
    ...personal(subject),
    mapping.auth_provider,
    mapping.auth_provider_id,
    mapping.created_at,
    ...(yesOrNo ? [mapping.is_admin] : []),
  ];
}

function weigh(subject: Examined): typeof refusal {
  return isPending(subject) ? refusal : warning;
}

function noId(subject: Examined, { name, type }: Unfilled): Finding {
  return weigh(subject)({
    code: "registration_id_missing",
    object: columnName(subject, name),
    message: `${name} (${type}) has no default, so the database does not make the ids of new users, and Authgraft does not know how they are made.`,
    fix: 'Set registration.generateId to a function that returns a new id, or registration to "off".',
    evidence: evidence(query(subject), subject, name),
  });
}

function noValues(subject: Examined, columns: readonly Unfilled[]): Finding {
  const names = columns.map(({ name }) => name);
  const values = Object.fromEntries(columns.map((column) => [column.name, suggestion(column)]));
  return weigh(subject)({
    code: "registration_values_missing",
    object: tableName(subject),
    message: `Registration cannot fill ${names.join(", ")}: NOT NULL without a default.`,
    fix: `Set registration.values, with values that are right for new users: ${JSON.stringify(values)}. Or set registration to "off".`,
    evidence: evidence(query(subject), subject, shorten(names)),
  });
}

function suggestion({ category, type }: Unfilled): unknown {
  if (category === "B") return false;
  if (category === "D") return { sql: "now()" };
  if (category === "N") return 0;
  if (type === "uuid") return { sql: "gen_random_uuid()" };
  return "";
}

/** Values for columns that are not there, take none, or get a user's own. */
function wrongValues(subject: Examined): Finding[] {
  const names = subject.users.columns.map(({ name }) => name);
  return Object.keys(subject.configuration.registration.values).flatMap((name) => {
    const reason = unwritable(subject, name);
    if (reason === undefined) return [];
    const near = findColumn(subject.users, name) === undefined ? nearMatches(name, names) : [];
    const meant = near.map((match) => JSON.stringify(match)).join(" or ");
    return [
      refusal({
        code: "registration_value_unwritable",
        object: columnName(subject, name),
        message: `registration.values has a value for ${name}, ${reason}.`,
        fix: `Take ${JSON.stringify(name)} out of registration.values${meant === "" ? "." : `; did you mean ${meant}?`}`,
        evidence: columnEvidence(subject, name),
      }),
    ];
  });
}

function unwritable(subject: Examined, name: string): string | undefined {
  const column = findColumn(subject.users, name);
  if (personal(subject).includes(name)) return "which registration fills with what the user gives";
  if (column === undefined) return `and ${tableName(subject)} has no such column`;
  const computed = column.generated !== "" || column.identity === "a";
  return computed ? "which PostgreSQL computes itself" : undefined;
}

/** A domain can take no NULL, and have the default, in the column's stead. */
function query({ users }: Examined): Query {
  return {
    sql: `
      SELECT a.attname::text AS name, t.typcategory AS category, format_type(a.atttypid, a.atttypmod) AS type
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnotnull OR t.typnotnull)
        AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '' AND t.typdefault IS NULL
      ORDER BY a.attnum`,
    values: [users.oid],
  };
}
