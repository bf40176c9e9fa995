import { compactKeycloakCredential } from "../../../passwords/keycloak.ts";
import {
  collect,
  type Fault,
  isFault,
  isRecord,
  member,
  type ReadRecord,
  type SourceValues,
} from "../source/source-row.ts";

/**
 * A user of a realm's export; the password is the first credential of type `password`.
 *
 * @see https://www.keycloak.org/server/importExport
 */
export const readKeycloak: ReadRecord = (record) => {
  const names = [member(record, "firstName"), member(record, "lastName")];
  const values = collect([
    ["id", member(record, "id")],
    ["username", member(record, "username")],
    ["email", member(record, "email")],
    ["display_name", names.filter((name) => typeof name === "string" && name !== "").join(" ")],
    ["email_verified", member(record, "emailVerified")],
    ["created_at", member(record, "createdTimestamp")],
    ["active", member(record, "enabled")],
  ]);
  return isFault(values) ? values : withPassword(values, member(record, "credentials"));
};

function withPassword(values: SourceValues, credentials: unknown): SourceValues | Fault {
  if (!Array.isArray(credentials)) return values;
  const credential: unknown = credentials.find((one) => isRecord(one) && member(one, "type") === "password");
  if (credential === undefined) return values;
  const text = JSON.stringify(credential);
  // As it is, where it is none of Keycloak's own: the format says so, as of every hash that verifies nothing.
  return { ...values, password_hash: compactKeycloakCredential(text) ?? text };
}
