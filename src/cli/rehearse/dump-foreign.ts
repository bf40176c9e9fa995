/** What a file is that is no dump of PostgreSQL, and what to do with it. */
export interface Foreign {
  readonly what: string;
  readonly fix: string;
}

const OF_POSTGRES =
  "Give a dump of the PostgreSQL database that holds the users table, as pg_dump writes it.";

const SIGNATURES: readonly (readonly [string, string, string])[] = [
  ["28b52ffd", "compressed with zstd", "Unpack it first: zstd --decompress FILE."],
  ["425a68", "compressed with bzip2", "Unpack it first: bunzip2 --keep FILE."],
  ["fd377a585a00", "compressed with xz", "Unpack it first: unxz --keep FILE."],
  ["04224d18", "compressed with lz4", "Unpack it first: lz4 -d FILE."],
  ["504b0304", "a zip archive", "Unpack it, and name the dump inside."],
  ["1f8b", "zipped twice", "Unpack it once first: gunzip --keep FILE."],
  ["53514c69746520666f726d6174203300", "a database of SQLite", OF_POSTGRES],
  ["6de29981", "an archive of MongoDB", OF_POSTGRES],
  ["54415045", "a backup of Microsoft SQL Server", OF_POSTGRES],
  ["fffe", "text in UTF-16, as PowerShell's > writes it", "Make the dump anew with pg_dump --file=app.sql."],
  ["feff", "text in UTF-16", "Make the dump anew with pg_dump --file=app.sql."],
];

/** Looked for in the first of the text, outside of what pg_dump writes there. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /^-- (MySQL|MariaDB) dump|^\/\*(!\d{5}|M!)|^(CREATE|INSERT INTO|DROP|LOCK) [^'\n]*`/m,
    "a dump of MySQL or MariaDB",
  ],
  [/^PRAGMA foreign_keys|^INSERT INTO sqlite_sequence/im, "a dump of SQLite"],
  [/^GO\r?$|^SET (ANSI_NULLS|QUOTED_IDENTIFIER) ON|^USE \[/m, "a script of Microsoft SQL Server"],
  [/^\s*[[{]\s*["{]/, "JSON, as MongoDB exports it"],
  [/^\s*<(\?xml|!DOCTYPE|html)/i, "XML or HTML"],
];

/** Tells what a file is that does not look like SQL of pg_dump; null where nothing speaks against that. */
export function foreignContent(head: Buffer): Foreign | null {
  const hex = head.toString("hex", 0, 16);
  const signature = SIGNATURES.find(([bytes]) => hex.startsWith(bytes));
  if (signature !== undefined) return { what: signature[1], fix: signature[2] };
  const text = head.toString("latin1");
  if (/^-- PostgreSQL database (cluster )?dump\r?$/m.test(text)) return null;
  if (isBinary(head)) return { what: "binary data, and no archive of pg_dump", fix: OF_POSTGRES };
  const found = TEXTS.find(([pattern]) => pattern.test(text));
  return found === undefined ? null : { what: found[1], fix: OF_POSTGRES };
}

/** SQL holds no control characters but those of space; backspace and the like come escaped in COPY. */
function isBinary(head: Buffer): boolean {
  return head.subarray(0, 4_096).some((byte) => byte < 8 || (byte > 13 && byte < 32 && byte !== 27));
}
