import { collect, isRecord, type JsonRecord, member, type ReadRecord } from "../source/source-row.ts";

/** The columns of Django's `auth_user`, from a CSV or a dump. A custom user model may lack some of them. */
export const readDjangoColumns: ReadRecord = (columns) =>
  collect([
    ["id", member(columns, "id")],
    ["username", member(columns, "username")],
    ["email", member(columns, "email")],
    ["display_name", nameOf(columns)],
    ["password_hash", member(columns, "password")],
    ["is_admin", fromPostgres(member(columns, "is_superuser"))],
    ["created_at", member(columns, "date_joined")],
    ["active", fromPostgres(member(columns, "is_active"))],
  ]);

/**
 * An element of `manage.py dumpdata`, as a list or as JSON Lines. What is no user (no password) is no row.
 *
 * @see https://docs.djangoproject.com/en/stable/topics/serialization/#serialization-formats-json
 */
export const readDjangoObject: ReadRecord = (record) => {
  const fields = member(record, "fields");
  if (!isRecord(fields)) return { field: "row", reason: "It is no object of dumpdata: it has no fields." };
  return readDjangoColumns({ ...fields, id: member(record, "pk") });
};

function nameOf(columns: JsonRecord): string | undefined {
  const parts = [member(columns, "first_name"), member(columns, "last_name")];
  return parts.filter((part) => typeof part === "string" && part !== "").join(" ") || undefined;
}

const fromPostgres = (value: unknown) => (value === "t" ? "true" : value === "f" ? "false" : value);
