import { dumpInvalid } from "./dump-error.ts";
import type { DumpReader } from "./dump-reader.ts";

/** PostgreSQL's names of client encodings in which a byte below 128 is always that character. */
const ENCODINGS: Readonly<Record<string, string>> = {
  UTF8: "utf-8",
  UNICODE: "utf-8",
  SQLASCII: "utf-8",
  LATIN1: "windows-1252",
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  LATIN10: "iso-8859-16",
  ISO88595: "iso-8859-5",
  ISO88596: "iso-8859-6",
  ISO88597: "iso-8859-7",
  ISO88598: "iso-8859-8",
  WIN866: "ibm866",
  WIN874: "windows-874",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  EUCJP: "euc-jp",
  EUCKR: "euc-kr",
  EUCCN: "gb2312",
};

/** Settings that mean nothing to what is restored, and that servers of other versions may not know. */
const IMMATERIAL = new Set([
  ...["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"],
  ...["transaction_timeout", "default_with_oids", "xmloption", "client_min_messages", "row_security"],
]);

/** What a dump sets for what follows it: how its bytes are read, and what rows are sent with. */
export class DumpSettings {
  readonly #reader: DumpReader;
  /** Of rows, where it is not the connection's own UTF-8. */
  #encoding: string | null = null;

  constructor(reader: DumpReader) {
    this.#reader = reader;
  }

  /** Takes note of the two settings that decide how a dump is read. */
  note(sql: string): void {
    const match = /^SET\s+(client_encoding|standard_conforming_strings)\s*(?:=|TO)\s*'?([\w-]+)'?\s*;/i.exec(
      sql,
    );
    const [, name, value = ""] = match ?? [];
    if (name?.toLowerCase() === "client_encoding") this.#useEncoding(value);
    else if (name !== undefined) this.#reader.standardStrings = /^(on|true|yes|1)$/i.test(value);
  }

  /** `COPY … FROM stdin` with the rows' encoding; what the connection has is UTF-8. */
  copyStatement(sql: string): string {
    const copy = sql.replace(/;\s*$/, "");
    if (this.#encoding === null) return copy;
    if (/\bstdin\s*$/i.test(copy)) return `${copy} WITH (ENCODING '${this.#encoding}')`;
    throw unreadable(this.#encoding);
  }

  #useEncoding(value: string): void {
    const plain = value.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
    const label = ENCODINGS[plain] ?? plain.replace(/^WIN(125\d)$/, "windows-$1");
    if (!label.includes("-") && !(plain in ENCODINGS)) throw unreadable(value);
    this.#reader.decoder = new TextDecoder(label, { fatal: true });
    this.#encoding = plain === "UTF8" || plain === "UNICODE" ? null : value;
  }
}

/** Whether nothing is lost where the server does not take a setting. */
export function isImmaterial(setting: string): boolean {
  return IMMATERIAL.has(setting);
}

function unreadable(encoding: string): Error {
  return dumpInvalid(
    `The dump is in the encoding ${encoding}, which cannot be read here.`,
    "Make the dump anew with pg_dump --encoding=UTF8.",
  );
}
