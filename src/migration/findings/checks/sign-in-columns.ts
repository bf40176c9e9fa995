import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { TEXT_TYPES } from "../../../users-table/mapping.ts";
import { type Column, findColumn } from "../../../users-table/relation.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck } from "../check.ts";
import { columnEvidence, refusal, warning } from "../evidence.ts";
import { columnName, tableSql } from "../subject.ts";

/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const LONGEST_EMAIL = 254;
const SHORTEST_USEFUL_EMAIL = 64;
/** The longest text each hash makes with its default parameters. */
const HASH_LENGTHS = { argon2id: 97, bcrypt: 60, "pbkdf2-sha256": 120 } as const;

/** Columns for the email, the hash and the administrators that the table has already: do they fit? */
export const signInColumnsCheck: FindingCheck = {
  id: "sign-in-columns",
  applies: () => true,
  query: () => null,
  judge: (_, subject) => {
    const { users, mapping } = subject;
    const judged = [
      { column: findColumn(users, mapping.email), judge: judgeEmail },
      { column: findColumn(users, mapping.password_hash), judge: judgeHash },
      { column: findColumn(users, mapping.is_admin), judge: judgeAdmin },
      { column: findColumn(users, mapping.username), judge: judgeUsername },
    ];
    return judged.flatMap(({ column, judge }) =>
      column === undefined || column.generated !== "" ? [] : judge(subject, column),
    );
  },
};

function judgeEmail(subject: Examined, column: Column): Finding[] {
  const wrong = judgeText(subject, column, "email", "an email address is text");
  if (wrong.length > 0) return wrong;
  const length = column.maximumLength ?? Number.POSITIVE_INFINITY;
  if (length >= LONGEST_EMAIL) return [];
  const tight = length < SHORTEST_USEFUL_EMAIL;
  const found = {
    code: tight ? "email_too_short" : "email_short",
    object: columnName(subject, column.name),
    message: `${column.name} takes ${length} characters, and an address may have ${LONGEST_EMAIL}: users with longer ones cannot register.`,
    fix: retype(subject, column),
    evidence: columnEvidence(subject, column.name),
  };
  return [tight ? refusal(found) : warning(found)];
}

function judgeHash(subject: Examined, column: Column): Finding[] {
  const wrong = judgeText(subject, column, "password_hash", "password hashes are stored as text");
  if (wrong.length > 0) return wrong;
  const { algorithm } = subject.configuration.passwords;
  const needed = HASH_LENGTHS[algorithm];
  if ((column.maximumLength ?? needed) >= needed) return [];
  return [
    refusal({
      code: "password_hash_too_short",
      object: columnName(subject, column.name),
      message: `${column.name} takes ${column.maximumLength} characters, and a hash by ${algorithm} has ${needed}: no password could be stored.`,
      fix: retype(subject, column),
      evidence: columnEvidence(subject, column.name),
    }),
  ];
}

function judgeUsername(subject: Examined, column: Column): Finding[] {
  if (TEXT_TYPES.has(column.baseType)) return [];
  return [
    refusal({
      code: "username_type",
      object: columnName(subject, column.name),
      message: `${column.name} is of type ${column.type}, and a username is text.`,
      fix: "Set mapping.username to the column that holds usernames, or to null.",
      evidence: columnEvidence(subject, column.name),
    }),
  ];
}

function judgeText(
  subject: Examined,
  column: Column,
  role: "email" | "password_hash",
  why: string,
): Finding[] {
  if (TEXT_TYPES.has(column.baseType)) return [];
  const padded = column.baseType === "bpchar";
  return [
    refusal({
      code: `${role}_type`,
      object: columnName(subject, column.name),
      message: `${column.name} is of type ${column.type}${padded ? ", which pads with blanks" : ""}, and ${why}.`,
      fix: padded
        ? retype(subject, column)
        : `Set mapping.${role} to a column of type text or varchar, or to a new name for one to be added.`,
      evidence: columnEvidence(subject, column.name),
    }),
  ];
}

function retype(subject: Examined, column: Column): string {
  return `ALTER TABLE ${tableSql(subject)} ALTER COLUMN ${quoteIdentifier(column.name)} TYPE varchar(255);`;
}

function judgeAdmin(subject: Examined, column: Column): Finding[] {
  const name = quoteIdentifier(column.name);
  const object = columnName(subject, column.name);
  const shown = columnEvidence(subject, column.name);
  if (column.baseType !== "bool") {
    return [
      refusal({
        code: "is_admin_type",
        object,
        message: `${column.name} is of type ${column.type}, so it does not say by itself who is an administrator.`,
        fix: `Set mapping.admin to {"column": ${JSON.stringify(column.name)}, "equals": "…"} with the value that means yes.`,
        evidence: shown,
      }),
    ];
  }
  if (column.notNull) return [];
  return [
    warning({
      code: "is_admin_nullable",
      object,
      message: `${column.name} may be NULL; such users are not taken for administrators.`,
      fix: `UPDATE ${tableSql(subject)} SET ${name} = false WHERE ${name} IS NULL;\nALTER TABLE ${tableSql(subject)} ALTER COLUMN ${name} SET DEFAULT false, ALTER COLUMN ${name} SET NOT NULL;`,
      evidence: shown,
    }),
  ];
}
