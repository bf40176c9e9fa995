import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck } from "../check.ts";
import { evidence, refusal, shorten, tableEvidence } from "../evidence.ts";
import { tableName, tableSql } from "../subject.ts";

interface Behind {
  readonly name: string;
}

const KINDS: Readonly<Record<string, string>> = {
  v: "a view",
  m: "a materialized view",
  f: "a foreign table",
  S: "a sequence",
  i: "an index",
  c: "a composite type",
};

const BEHIND = {
  sql: `
    SELECT DISTINCT d.refobjid::regclass::text AS name
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
    WHERE r.ev_class = $1::oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class ORDER BY 1`,
};

/** Views and other things that stand where a table was asked for. */
export const notATable: FindingCheck<Behind> = {
  id: "not-a-table",
  applies: ({ users }) => !["r", "p"].includes(users.kind),
  query: ({ users }) => ({ ...BEHIND, values: [users.oid] }),
  judge: (rows, subject) => {
    const kind = KINDS[subject.users.kind] ?? "not a table";
    const names = rows.map((row) => row.name);
    return [
      refusal({
        code: "not_a_table",
        object: tableName(subject),
        message: `${tableName(subject)} is ${kind}: columns, keys and triggers can only be given to a table.`,
        fix:
          names.length === 0
            ? "Name the users table itself with --table."
            : `Name the table behind it: --table ${names[0] ?? ""}${names.length > 1 ? ` (it reads ${shorten(names)})` : ""}.`,
        evidence: tableEvidence(subject, "relkind", subject.users.kind),
      }),
    ];
  },
};

/** Partitioned tables and partitions: an email cannot be unique there. */
export const partitions: FindingCheck = {
  id: "partitions",
  applies: ({ users }) => users.kind === "p" || users.isPartition,
  query: () => null,
  judge: (_, subject) => {
    const { users } = subject;
    const [whole, part] = [users.kind === "p", users.isPartition];
    const what = whole ? "is partitioned" : `is a partition of ${users.parents.join(", ")}`;
    return [
      refusal({
        code: whole ? "table_partitioned" : "table_partition",
        object: tableName(subject),
        message: `${tableName(subject)} ${what}. PostgreSQL keeps a value unique across partitions only together with the partition key, so the same email could stand in two partitions.`,
        fix: "Keep the users in a plain table, and name that with --table; the partitions can refer to it.",
        evidence: tableEvidence(
          subject,
          "relkind, relispartition",
          `${users.kind}, ${part ? "true" : "false"}`,
        ),
      }),
    ];
  },
};

/** Tables of a type, with relatives, not kept, or not the application's own. */
export const unusualTable: FindingCheck = {
  id: "unusual-table",
  applies: ({ users }) => users.kind === "r" && !users.isPartition,
  query: () => null,
  judge: (_, subject) => [
    ...typed(subject),
    ...relatives(subject),
    ...notKept(subject),
    ...ofExtension(subject),
    ...ofSystem(subject),
  ],
};

function typed(subject: Examined): Finding[] {
  if (!subject.users.typed) return [];
  return [
    refusal({
      code: "table_typed",
      object: tableName(subject),
      message: `${tableName(subject)} was made OF a type, and PostgreSQL adds no column to such a table.`,
      fix: `ALTER TABLE ${tableSql(subject)} NOT OF;`,
      evidence: tableEvidence(subject, "reloftype::regtype", "a type"),
    }),
  ];
}

function relatives(subject: Examined): Finding[] {
  const { parents, children } = subject.users;
  const found = (code: string, what: string, fix: string, names: readonly string[]) =>
    refusal({
      code,
      object: tableName(subject),
      message: `${tableName(subject)} ${what} ${names.join(", ")}. Unique indexes and foreign keys hold within one table only, so the same email could stand in both, and a revoked token could name no user.`,
      fix,
      evidence: evidence(
        {
          sql: "SELECT inhparent::regclass, inhrelid::regclass FROM pg_catalog.pg_inherits WHERE $1::oid IN (inhparent, inhrelid)",
          values: [subject.users.oid],
        },
        subject,
        shorten(names),
      ),
    });
  const table = tableSql(subject);
  return [
    ...(parents.length === 0
      ? []
      : [
          found(
            "table_inherits",
            "inherits from",
            parents.map((name) => `ALTER TABLE ${table} NO INHERIT ${name};`).join("\n"),
            parents,
          ),
        ]),
    ...(children.length === 0
      ? []
      : [
          found(
            "table_has_children",
            "is inherited by",
            children.map((name) => `ALTER TABLE ${name} NO INHERIT ${table};`).join("\n"),
            children,
          ),
        ]),
  ];
}

function notKept(subject: Examined): Finding[] {
  const { persistence } = subject.users;
  if (persistence === "p") return [];
  const unlogged = persistence === "u";
  return [
    refusal({
      code: unlogged ? "table_unlogged" : "table_temporary",
      object: tableName(subject),
      message: `${tableName(subject)} is ${unlogged ? "UNLOGGED: it is empty after a crash, with every password in it" : "TEMPORARY: it is gone with its session"}, and PostgreSQL lets no permanent table (revoked_tokens) refer to it.`,
      fix: unlogged
        ? `ALTER TABLE ${tableSql(subject)} SET LOGGED;`
        : "Name the permanent users table with --table.",
      evidence: tableEvidence(subject, "relpersistence", persistence),
    }),
  ];
}

function ofExtension(subject: Examined): Finding[] {
  const { extension } = subject.users;
  if (extension === null) return [];
  const name = `"${extension.replaceAll('"', '""')}"`;
  return [
    refusal({
      code: "table_of_extension",
      object: tableName(subject),
      message: `${tableName(subject)} belongs to the extension ${extension}: updating or dropping that would change the table under the graft, and a dump leaves the graft's columns out.`,
      fix: `ALTER EXTENSION ${name} DROP TABLE ${tableSql(subject)};`,
      evidence: evidence(
        {
          sql: `SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = $1::oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'`,
          values: [subject.users.oid],
        },
        subject,
        extension,
      ),
    }),
  ];
}

function ofSystem(subject: Examined): Finding[] {
  if (!["pg_catalog", "information_schema"].includes(subject.users.schema)) return [];
  return [
    refusal({
      code: "table_of_system",
      object: tableName(subject),
      message: `${tableName(subject)} is PostgreSQL's own: it holds the server's roles and objects, not your application's users.`,
      fix: "Name the application's users table with --table.",
      evidence: tableEvidence(subject, "relnamespace::regnamespace", subject.users.schema),
    }),
  ];
}
