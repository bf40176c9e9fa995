import { firebaseHash } from "../../../passwords/firebase.ts";
import {
  collect,
  type Fault,
  isFault,
  jsonText,
  member,
  type ReadRecord,
  type SourceValues,
} from "../source/source-row.ts";
import type { FirebaseProject } from "./firebase-parameters.ts";

interface FirebaseUser {
  readonly values: SourceValues | Fault;
  readonly passwordHash: string | undefined;
  readonly salt: string | undefined;
}

/**
 * A user of `firebase auth:export`.
 *
 * @see https://firebase.google.com/docs/cli/auth#JSON
 */
export function readFirebase(project: FirebaseProject | null): ReadRecord {
  return (record) =>
    withHash(project, {
      values: collect([
        ["id", member(record, "localId")],
        ["email", member(record, "email")],
        ["display_name", member(record, "displayName")],
        ["email_verified", member(record, "emailVerified")],
        ["created_at", member(record, "createdAt")],
        ["disabled", member(record, "disabled")],
      ]),
      passwordHash: textOf(member(record, "passwordHash")),
      salt: textOf(member(record, "salt")),
    });
}

/** The places of the columns in the CSV, which has no headers. @see https://firebase.google.com/docs/cli/auth#CSV */
const PLACES = { id: 0, email: 1, email_verified: 2, display_name: 5, created_at: 23, disabled: 26 } as const;
const HASH_PLACE = 3;
const SALT_PLACE = 4;

/** A row of the CSV that `firebase auth:export` writes. */
export function readFirebaseFields(project: FirebaseProject | null) {
  return (fields: readonly string[]): SourceValues | Fault => {
    if (fields.length < PLACES.created_at + 1) {
      return { field: "row", reason: `It has ${fields.length} fields, and Firebase writes at least 26.` };
    }
    const values = collect(
      Object.entries(PLACES).map(([role, place]) => [role as keyof typeof PLACES, fields[place]] as const),
    );
    return withHash(project, { values, passwordHash: fields[HASH_PLACE], salt: fields[SALT_PLACE] });
  };
}

/** What stands for a hash or a salt that is not base64: the format calls it malformed, as every hash that is broken. */
const NO_BASE64 = "$firebase-scrypt$";

function withHash(project: FirebaseProject | null, user: FirebaseUser): SourceValues | Fault {
  const { values, passwordHash = "", salt = "" } = user;
  if (isFault(values) || passwordHash === "") return values;
  if (project === null)
    return { field: "password_hash", reason: "It needs the project's --firebase-params." };
  const hash = firebaseHash({ passwordHash, salt }, project.parameters);
  return { ...values, password_hash: hash ?? NO_BASE64 };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string"
    ? value
    : value === undefined || value === null
      ? undefined
      : jsonText(value);
}
