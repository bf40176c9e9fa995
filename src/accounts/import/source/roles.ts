import { nearMatches } from "../../../config/near-match.ts";
import { ConfigurationError } from "../../../errors.ts";

/** What a column of a file can be. `active` is `disabled` the other way round. */
export const ROLES = [
  "id",
  "username",
  "email",
  "display_name",
  "password_hash",
  "password",
  "is_admin",
  "email_verified",
  "created_at",
  "disabled",
  "active",
] as const;

export type Role = (typeof ROLES)[number];

/** The headers that are taken for a role without being told, compared without case, spaces, `_` and `-`. */
const USUAL_HEADERS: Readonly<Record<Role, readonly string[]>> = {
  id: ["id", "user_id", "uid"],
  username: ["username", "user_name", "login", "handle"],
  email: ["email", "email_address", "mail", "e_mail", "user_email"],
  display_name: ["display_name", "name", "full_name"],
  password_hash: [
    "password_hash",
    "hashed_password",
    "encrypted_password",
    "password_digest",
    "passwordhash",
    "hash",
  ],
  password: ["password", "plaintext_password"],
  is_admin: ["is_admin", "admin", "is_superuser"],
  email_verified: ["email_verified", "is_email_verified", "email_confirmed", "verified"],
  created_at: ["created_at", "created", "date_joined", "registered_at"],
  disabled: ["disabled", "is_disabled", "blocked", "banned", "suspended"],
  active: ["active", "is_active", "enabled"],
};

/** What a person says about the headers. */
export interface HeaderOptions {
  /** Role to header: `--column email=E-Mail`. */
  readonly columns: ReadonlyMap<Role, string>;
  /** Headers to leave out: `--ignore last_login`; `*` is all that are not known. */
  readonly ignore: readonly string[];
}

/**
 * Which role each header has; null where it is left out.
 *
 * @throws ConfigurationError `usage_invalid` for a header that stands twice or is not known, a role that two
 *   headers have, and a header that was named and is not there.
 */
export function chooseRoles(headers: readonly string[], options: HeaderOptions): readonly (Role | null)[] {
  const twice = headers.find((header, place) => headers.indexOf(header) !== place);
  if (twice !== undefined) throw wrongHeader(headers, `The header ${show(twice)} stands twice.`);
  for (const [role, header] of options.columns) {
    if (!headers.includes(header)) {
      throw wrongHeader(headers, `--column ${role}=${header}: there is no such header.`);
    }
  }
  const roles = headers.map((header) => roleOf(header, headers, options));
  const doubled = roles.find((role, place) => role !== null && roles.indexOf(role) !== place);
  if (doubled !== undefined && doubled !== null) {
    const both = headers.filter((_, place) => roles[place] === doubled).map(show);
    throw wrongHeader(
      headers,
      `${both.join(" and ")} are both ${doubled}: say which with --column ${doubled}=HEADER.`,
    );
  }
  return roles;
}

function roleOf(header: string, headers: readonly string[], options: HeaderOptions): Role | null {
  const role = lookUpRole(header, options);
  if (role === undefined) throw wrongHeader(headers, `The header ${show(header)} is not known.`);
  return role;
}

/** The role of a header; null where it is left out, undefined where it is not known. */
export function lookUpRole(header: string, { columns, ignore }: HeaderOptions): Role | null | undefined {
  for (const [role, name] of columns) if (name === header) return role;
  if (ignore.includes(header)) return null;
  const usual = usualRole(header);
  if (usual !== undefined) return columns.has(usual) ? null : usual;
  return ignore.includes("*") ? null : undefined;
}

/** The role that a header has without being told; undefined for one that is not known. */
function usualRole(header: string): Role | undefined {
  const plain = plainName(header);
  return ROLES.find((role) => USUAL_HEADERS[role].some((name) => plainName(name) === plain));
}

function plainName(header: string): string {
  return header.toLowerCase().replaceAll(/[\s_-]/g, "");
}

const SHOWN = 60;
const MOST_SHOWN = 40;

/** A header is shown short: a file without one has somebody's data in its first row. */
function show(header: string): string {
  return JSON.stringify(header.length > SHOWN ? `${header.slice(0, SHOWN)}…` : header);
}

/** A header that nobody knows what to make of. */
export function wrongHeader(headers: readonly string[], message: string): ConfigurationError {
  // Where not a single one is known it may be a row of data, which is nobody's to print.
  const isHeader = headers.some((header) => usualRole(header) !== undefined);
  const list = isHeader ? ` The headers are ${headers.slice(0, MOST_SHOWN).map(show).join(", ")}.` : "";
  const text = isHeader ? message : "The first row has no header that is known.";
  return new ConfigurationError("usage_invalid", `${text}${list} The roles are ${ROLES.join(", ")}.`, {
    fix: "Say what a header is with --column ROLE=HEADER, or leave it out with --ignore HEADER (--ignore '*' for all that are not known).",
  });
}

/** @throws ConfigurationError `usage_invalid` for what is not `ROLE=HEADER`. */
export function parseColumnOption(text: string): readonly [Role, string] {
  const [, name = "", header = ""] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  const role = ROLES.find((candidate) => candidate === name);
  if (role !== undefined && header !== "") return [role, header];
  const [near] = nearMatches(name, ROLES, 1);
  throw new ConfigurationError("usage_invalid", `--column ${text}: it must be ROLE=HEADER.`, {
    fix: `${near === undefined ? "" : `Did you mean ${near}? `}The roles are ${ROLES.join(", ")}.`,
  });
}
