import { ConfigurationError } from "../../errors.ts";
import { fileInvalid } from "./source/file-invalid.ts";

/** Whose export a file is; `plain` is anybody's, with headers or member names. */
export const FORMATS = ["plain", "firebase", "auth0", "keycloak", "django"] as const;

export type Format = (typeof FORMATS)[number];

/** How it is written down. */
export type Container = "csv" | "json-lines" | "json" | "json-users" | "sql";

/** What a file is. */
export interface FileKind {
  readonly format: Format;
  readonly container: Container;
}

/** Which formats come in which container. */
const CONTAINERS: Readonly<Record<Format, readonly Container[]>> = {
  plain: ["csv", "json-lines", "json"],
  firebase: ["csv", "json-users"],
  auth0: ["json-lines", "json"],
  keycloak: ["json-users"],
  django: ["csv", "json-lines", "json", "sql"],
};

const NAMES: Readonly<Record<Format, string>> = {
  plain: "",
  firebase: "Firebase's export, ",
  auth0: "Auth0's export of password hashes, ",
  keycloak: "a realm of Keycloak, ",
  django: "Django's users, ",
};

const CONTAINER_NAMES: Readonly<Record<Container, string>> = {
  csv: "CSV",
  "json-lines": "JSON Lines",
  json: "JSON",
  "json-users": "JSON",
  sql: "a plain dump of pg_dump",
};

/** What a file is, in words. */
export function describeKind({ format, container }: FileKind): string {
  return `${NAMES[format]}${CONTAINER_NAMES[container]}`;
}

/**
 * Tells by the first of its text what a file is.
 *
 * @param said the format, where a person named it.
 * @throws MigrationError `import_invalid`, ConfigurationError `usage_invalid` for a format that it cannot be.
 */
export function recognise(head: string, said: Format | null): FileKind {
  const container = containerOf(head);
  const format = said ?? formatOf(head, container);
  if (CONTAINERS[format].includes(container)) return { format, container };
  throw new ConfigurationError(
    "usage_invalid",
    `The file is ${CONTAINER_NAMES[container]}, and ${format === "plain" ? "that format" : format} does not come so.`,
    { fix: "Leave out --format, or name the one that it is." },
  );
}

function containerOf(head: string): Container {
  const text = head.trimStart();
  if (text === "") throw fileInvalid("The file is empty.", "Give a file with at least one user in it.");
  if (head.startsWith("PK\u0003\u0004")) {
    throw fileInvalid("The file is a zip archive, or a spreadsheet.", "Unpack it, or save it as CSV.");
  }
  if (head.startsWith("PGDMP")) {
    throw fileInvalid(
      "The file is a dump in pg_dump's custom format.",
      "Make it plain: pg_restore --file=users.sql DUMP",
    );
  }
  if (text.startsWith("[")) return "json";
  if (text.startsWith("{")) return isObject(text.split("\n", 1)[0] ?? "") ? "json-lines" : "json-users";
  return isDump(text) ? "sql" : "csv";
}

function isObject(line: string): boolean {
  try {
    return !Object.hasOwn(JSON.parse(line), "users");
  } catch {
    return false;
  }
}

function isDump(text: string): boolean {
  return /^(?:--|SET |COPY |\\restrict )/.test(text) && /^(?:-- |COPY |SET )/m.test(text);
}

function formatOf(head: string, container: Container): Format {
  if (container === "sql") return "django";
  if (container === "csv") return formatOfCsv(head.split(/\r?\n/, 1)[0] ?? "");
  if (container === "json-users") return /"localId"\s*:/.test(head) ? "firebase" : "keycloak";
  if (/"model"\s*:\s*"/.test(head) && /"fields"\s*:/.test(head)) return "django";
  return /"(?:passwordHash|password_set_date)"\s*:/.test(head) && /"_id"\s*:/.test(head) ? "auth0" : "plain";
}

function formatOfCsv(first: string): Format {
  const headers = first
    .toLowerCase()
    .split(/[,;\t]/)
    .map((header) => header.replaceAll('"', "").trim());
  if (["password", "is_superuser", "date_joined"].every((name) => headers.includes(name))) return "django";
  // Firebase writes no headers: an id, an address, whether it is verified, and a comma at the end.
  const isFirebase = headers.length >= 26 && /^(?:true|false)$/.test(headers[2] ?? "");
  return isFirebase ? "firebase" : "plain";
}
