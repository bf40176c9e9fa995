import { collect, isRecord, jsonText, member, type ReadRecord } from "../source/source-row.ts";

/**
 * Auth0's export of password hashes: one object a line. Where an address is missing at the top, it stands among
 * the identifiers.
 *
 * @see https://support.auth0.com/center/s/article/How-to-Use-the-Password-Hashes-Export-from-Auth0
 */
export const readAuth0: ReadRecord = (record) => {
  const identifier = firstEmail(member(record, "identifiers"));
  const setAt = member(record, "createdAt") ?? member(record, "created_at");
  return collect([
    ["id", idOf(record)],
    ["username", member(record, "username")],
    ["email", member(record, "email") ?? identifier?.value],
    ["display_name", member(record, "name")],
    ["password_hash", member(record, "passwordHash") ?? member(record, "password_hash")],
    ["email_verified", member(record, "email_verified") ?? identifier?.verified],
    ["created_at", isRecord(setAt) ? member(setAt, "$date") : setAt],
    ["disabled", member(record, "blocked")],
  ]);
};

/** The id that tokens and rows of an application know: `auth0|` and what the export has. */
function idOf(record: Readonly<Record<string, unknown>>): unknown {
  const inner = member(record, "alt_id") ?? member(record, "_id");
  const plain = isRecord(inner) ? member(inner, "$oid") : inner;
  const whole = member(record, "user_id");
  if (whole !== undefined) return whole;
  return plain === undefined || plain === null ? undefined : `auth0|${jsonText(plain)}`;
}

function firstEmail(identifiers: unknown): { value: unknown; verified: unknown } | undefined {
  if (!Array.isArray(identifiers)) return undefined;
  const found: unknown = identifiers.find((one) => isRecord(one) && member(one, "type") === "email");
  if (!isRecord(found)) return undefined;
  return { value: member(found, "value"), verified: member(found, "verified") };
}
