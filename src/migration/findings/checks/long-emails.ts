import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { TEXT_TYPES } from "../../../users-table/mapping.ts";
import { findColumn } from "../../../users-table/relation.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, refusal } from "../evidence.ts";
import { columnName, hasEmailIndex, tableName, tableSql } from "../subject.ts";

/** Bytes: a row of a B-tree takes 2,704 of a page of 8 kB, 16 of them go before the value does. */
const LONGEST_KEY = 2_688;

/** A character takes four bytes at the most, so what is shorter than this always fits. */
const ALWAYS_FITS = LONGEST_KEY / 4;

interface LongEmails {
  readonly count: number;
}

/**
 * Values too long for an entry of the unique index, whose build they would make fail.
 *
 * @see https://www.postgresql.org/docs/current/btree.html
 */
export const longEmailsCheck: FindingCheck<LongEmails> = {
  id: "long-emails",
  applies: (subject) => {
    const column = findColumn(subject.users, subject.mapping.email);
    const unbounded = (column?.maximumLength ?? Number.POSITIVE_INFINITY) > ALWAYS_FITS;
    return (
      TEXT_TYPES.has(column?.baseType ?? "") &&
      unbounded &&
      !hasEmailIndex(subject) &&
      !subject.users.forceRowSecurity
    );
  },
  query: longEmails,
  judge: ([row], subject) => {
    if (row === undefined || row.count === 0) return [];
    const email = quoteIdentifier(subject.mapping.email);
    const who = row.count === 1 ? "One user of" : `${row.count} users of`;
    return [
      refusal({
        code: "email_too_long",
        object: columnName(subject, subject.mapping.email),
        message: `${who} ${tableName(subject)} ${row.count === 1 ? "has" : "have"} an email of more than ${LONGEST_KEY} bytes: the unique index has no room for that, and no address is that long.`,
        fix: `Look at them, and put right what is no address: SELECT * FROM ${tableSql(subject)} WHERE octet_length(${email}) > ${LONGEST_KEY};`,
        evidence: evidence(longEmails(subject), subject, String(row.count)),
      }),
    ];
  },
};

function longEmails(subject: Examined): Query {
  const email = quoteIdentifier(subject.mapping.email);
  return {
    sql: `SELECT count(*)::int AS count FROM ${tableSql(subject)} WHERE octet_length(${email}) > ${LONGEST_KEY}`,
    values: [],
  };
}
