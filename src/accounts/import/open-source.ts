import type { FileKind } from "./recognise.ts";
import { readAuth0 } from "./records/auth0.ts";
import { readDjangoColumns, readDjangoObject } from "./records/django.ts";
import { readFirebase, readFirebaseFields } from "./records/firebase.ts";
import type { FirebaseProject } from "./records/firebase-parameters.ts";
import { readKeycloak } from "./records/keycloak.ts";
import { readPlain } from "./records/plain.ts";
import { readCopiedRows } from "./source/read-copied-rows.ts";
import { readCsv, readCsvByPlace, readCsvRecords } from "./source/read-csv.ts";
import { readJsonDocument } from "./source/read-json-document.ts";
import { readJsonLines } from "./source/read-json-lines.ts";
import type { HeaderOptions } from "./source/roles.ts";
import type { ReadRecord, SourceRows } from "./source/source-row.ts";

/** What reading a file takes besides its text. */
export interface SourceOptions extends HeaderOptions {
  readonly firebase: FirebaseProject | null;
  /** The table of users in a dump. */
  readonly sourceTable: string;
}

/** The rows of a file, whatever it is. */
export function openSource(text: AsyncIterable<string>, kind: FileKind, options: SourceOptions): SourceRows {
  const { format, container } = kind;
  switch (container) {
    case "csv":
      if (format === "firebase") return readCsvByPlace(text, readFirebaseFields(options.firebase));
      return format === "django" ? readCsvRecords(text, readDjangoColumns) : readCsv(text, options);
    case "sql":
      return readCopiedRows(text, options.sourceTable, readDjangoColumns);
    case "json-lines":
      return readJsonLines(text, recordReader(kind, options));
    case "json":
      return readJsonDocument(text, "$.*", recordReader(kind, options));
    case "json-users":
      return readJsonDocument(text, "$.users.*", recordReader(kind, options));
  }
}

function recordReader({ format }: FileKind, options: SourceOptions): ReadRecord {
  switch (format) {
    case "plain":
      return readPlain(options);
    case "firebase":
      return readFirebase(options.firebase);
    case "auth0":
      return readAuth0;
    case "keycloak":
      return readKeycloak;
    case "django":
      return readDjangoObject;
  }
}
