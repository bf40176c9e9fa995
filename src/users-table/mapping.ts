import type { Configuration } from "../config/schema.ts";
import { type Column, primaryKey, type Relation } from "./relation.ts";

/**
 * Which columns of the users table play which part.
 *
 * `email`, `password_hash` and `is_admin` always have a name: where the table has no such column, it is
 * the name of the one the graft adds. `is_admin` is null where an application's own column decides.
 */
export interface Mapping {
  readonly id: string;
  readonly username: string | null;
  readonly email: string;
  readonly password_hash: string;
  readonly is_admin: string | null;
  readonly admin: { readonly column: string; readonly equals: string } | null;
  readonly auth_provider: string | null;
  readonly auth_provider_id: string | null;
  readonly display_name: string | null;
  readonly created_at: string | null;
  /** A timestamp (set: deleted) or a boolean (true: deleted). */
  readonly deleted: string | null;
}

/** The parts a column can play. */
export type Role = Exclude<keyof Mapping, "admin">;

/** The names under which a part is usually found, likeliest first, compared without case and underscores. */
const USUAL_NAMES: Record<Exclude<Role, "id">, readonly string[]> = {
  username: ["username", "user_name", "login", "login_name", "handle", "nickname"],
  email: ["email", "email_address", "e_mail", "mail", "user_email"],
  password_hash: [
    "password_hash",
    "hashed_password",
    "encrypted_password",
    "password_digest",
    "passwordhash",
  ],
  is_admin: ["is_admin"],
  auth_provider: ["auth_provider", "oauth_provider", "provider"],
  auth_provider_id: [
    "auth_provider_id",
    "oauth_provider_id",
    "provider_id",
    "oauth_id",
    "provider_user_id",
    "provider_uid",
  ],
  display_name: ["display_name", "full_name", "name"],
  created_at: ["created_at", "created", "created_on", "date_joined", "inserted_at", "registered_at"],
  deleted: ["deleted_at", "is_deleted", "deleted", "deleted_on"],
};

const ADDED_NAMES = { email: "email", password_hash: "password_hash", is_admin: "is_admin" } as const;

/** Finds which column plays which part: what the configuration says, else the usual names. */
export function detectMapping(relation: Relation, configured: Configuration["mapping"]): Mapping {
  const find = (role: Exclude<Role, "id">) => {
    const said = configured[role];
    return said === undefined ? usual(relation, role) : said;
  };
  return {
    id: configured.id ?? primaryKey(relation)[0] ?? "id",
    username: find("username"),
    email: find("email") ?? ADDED_NAMES.email,
    password_hash: find("password_hash") ?? ADDED_NAMES.password_hash,
    is_admin: configured.admin === undefined ? (find("is_admin") ?? ADDED_NAMES.is_admin) : null,
    admin: configured.admin ?? null,
    auth_provider: find("auth_provider"),
    auth_provider_id: find("auth_provider_id"),
    display_name: find("display_name"),
    created_at: find("created_at"),
    deleted: find("deleted"),
  };
}

/** The parts whose column must already stand in the table when the configuration names it. */
export const EXISTING_ROLES: readonly Role[] = [
  "id",
  "username",
  "auth_provider",
  "auth_provider_id",
  "display_name",
  "created_at",
  "deleted",
];

function usual(relation: Relation, role: Exclude<Role, "id">): string | null {
  for (const name of USUAL_NAMES[role]) {
    const column = relation.columns.find((candidate) => plain(candidate.name) === plain(name));
    if (column !== undefined && fits(column, role)) return column.name;
  }
  return null;
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** A column of a usual name but an unlikely type plays another part: `name jsonb`, `deleted text`. */
function fits(column: Column, role: Role): boolean {
  if (role === "deleted") return ["timestamptz", "timestamp", "bool"].includes(column.baseType);
  if (role === "created_at") return ["timestamptz", "timestamp", "date"].includes(column.baseType);
  if (role === "display_name") return TEXT_TYPES.has(column.baseType);
  return true;
}

/** Types that hold text and compare as text. */
export const TEXT_TYPES: ReadonlySet<string> = new Set(["text", "varchar", "citext"]);
