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
    const others = rows.filter(
      ({ name }) => name !== mapping.id && !writes(subject).includes(name) && !Object.hasOwn(values, name),
    );
    return [
      ...(id === undefined || generateId !== undefined || Object.hasOwn(values, id.name)
        ? []
        : [noId(subject, id)]),
      ...(others.length === 0 ? [] : [noValues(subject, others)]),
      ...wrongValues(subject),
    ];
  },
};

/** The columns that registration writes itself; NULL in place of the provider's id, which the graft allows. */
function writes({ mapping }: Examined): (string | null)[] {
  return [
    mapping.username,
    mapping.email,
    mapping.password_hash,
    mapping.display_name,
    mapping.auth_provider,
    mapping.auth_provider_id,
    mapping.created_at,
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

/** Values for columns that are not there or take none. */
function wrongValues(subject: Examined): Finding[] {
  const names = subject.users.columns.map(({ name }) => name);
  return Object.keys(subject.configuration.registration.values).flatMap((name) => {
    const column = findColumn(subject.users, name);
    const computed = column !== undefined && (column.generated !== "" || column.identity === "a");
    if (column !== undefined && !computed) return [];
    const near = nearMatches(name, names).map((match) => JSON.stringify(match));
    return [
      refusal({
        code: "registration_value_unwritable",
        object: columnName(subject, name),
        message: computed
          ? `registration.values has a value for ${name}, which PostgreSQL computes itself.`
          : `registration.values has a value for ${name}, and ${tableName(subject)} has no such column.`,
        fix: `Take ${JSON.stringify(name)} out of registration.values${near.length > 0 && !computed ? `; did you mean ${near.join(" or ")}?` : "."}`,
        evidence: columnEvidence(subject, name),
      }),
    ];
  });
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
