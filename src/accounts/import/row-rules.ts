import type { Configuration } from "../../config/schema.ts";
import { createHashReader } from "../../passwords/registry.ts";
import { findColumn } from "../../users-table/relation.ts";
import type { UsersTable } from "../users-table.ts";
import type { RowRules } from "./check-row.ts";
import type { ImportOptions } from "./import-options.ts";
import type { FileKind } from "./recognise.ts";
import { ROLES, type Role } from "./source/roles.ts";

/** bcrypt reads no more, and Authgraft never cuts a password. */
const BCRYPT_BYTES = 72;

/** What values may be, and which parts are carried. */
export function rowRules(
  table: UsersTable,
  { passwords }: Pick<Configuration, "passwords">,
  kind: FileKind,
  options: ImportOptions,
): RowRules {
  const { mapping, relation } = table;
  const longest = (name: string | null) => findColumn(relation, name)?.maximumLength ?? null;
  const { pepper, firebase } = options;
  return {
    idType: table.idType,
    longest: {
      id: longest(mapping.id),
      username: longest(mapping.username),
      email: longest(mapping.email),
      display_name: longest(mapping.display_name),
      password_hash: longest(mapping.password_hash),
    },
    carried: new Set(ROLES.filter((role) => isCarried(role, table, kind, options))),
    readHash: createHashReader({
      ...passwords.legacy,
      ...(pepper === null ? {} : { pepper }),
      ...(firebase === null ? {} : { firebaseSignerKey: firebase.signerKey }),
    }),
    pepper,
    withoutUnverifiableHashes: options.withoutUnverifiableHashes,
    longestPassword: passwords.algorithm === "bcrypt" ? BCRYPT_BYTES : null,
  };
}

function isCarried(
  role: Role,
  { mapping, relation }: UsersTable,
  kind: FileKind,
  options: ImportOptions,
): boolean {
  switch (role) {
    case "id":
      return hasOwnIds(kind) || options.keepIds || options.match === "id";
    case "username":
    case "display_name":
    case "created_at":
      return findColumn(relation, mapping[role]) !== undefined;
    case "is_admin":
      return options.withAdmins;
    case "email_verified":
      return options.trustVerifiedEmails;
    default:
      return true;
  }
}

/** A service's ids are its own; those of an application's table are likely to be the ones that others point to. */
function hasOwnIds({ format }: FileKind): boolean {
  return format === "plain" || format === "django";
}
