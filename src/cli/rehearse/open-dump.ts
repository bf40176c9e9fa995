import { basename } from "node:path";
import type { LoadOptions, LoadReport, RehearsalSource } from "../../migration/rehearse/rehearsal.ts";
import { type Survey, severalDatabases, surveyDump } from "../../migration/rehearse/restore/dump-sections.ts";
import { restoreDump } from "../../migration/rehearse/restore/restore-dump.ts";
import { newRestoreLogin, urlAs } from "../../migration/rehearse/restore/restore-role.ts";
import { parseQualifiedName } from "../../postgres/identifiers.ts";
import { readDumpBytes } from "./dump-bytes.ts";
import { type DumpFile, readDumpFormat } from "./dump-format.ts";
import { findPgRestore, type PgRestore, runPgRestore } from "./dump-pg-restore.ts";

/** What a dump is opened with. */
export interface OpenDumpOptions {
  /** Where PATH and PGRESTORE are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The users table, as `[schema.]name`: picks the database of a dump that holds several. */
  readonly table?: string;
}

const NAMES = {
  plain: "plain SQL",
  custom: "custom format",
  directory: "directory format",
  tar: "tar format",
};
const SURVEYED = /^-- PostgreSQL database cluster dump\r?$/m;

/**
 * Opens a dump of pg_dump or pg_dumpall for a rehearsal: plain SQL, custom, directory or tar format, each but the
 * directory also gzipped. What it is, is told by its content. Plain SQL needs no program; the others need pg_restore.
 *
 * @throws MigrationError `dump_invalid`
 * @throws ConfigurationError `client_tool_missing`
 */
export async function openDump(path: string, options: OpenDumpOptions): Promise<RehearsalSource> {
  const dump = await readDumpFormat(path);
  const program = dump.format === "plain" ? null : await findPgRestore(options.environment);
  const serverVersion = versionIn(program === null ? dump.head : await readListing(program, dump));
  const database = SURVEYED.test(dump.head) ? await pickDatabase(dump, options.table) : null;
  const login = newRestoreLogin();
  let usedLogin = false;
  const load = async (databaseUrl: string, loadOptions: LoadOptions): Promise<LoadReport> => {
    const bytes = program === null ? readDumpBytes(dump) : restoredBytes(program, dump, loadOptions);
    const restored = await restoreDump(bytes, { ...loadOptions, databaseUrl, login, database });
    usedLogin = restored.usedLogin;
    return restored.report;
  };
  return {
    kind: "dump",
    description: describe(dump, serverVersion),
    serverVersion,
    load,
    queries: async () => null,
    asOwner: (databaseUrl) => (usedLogin ? urlAs(databaseUrl, login) : databaseUrl),
  };
}

/** Without rows pg_restore has less to unpack. */
function restoredBytes(
  program: PgRestore,
  dump: DumpFile,
  { part, signal }: LoadOptions,
): AsyncIterable<Uint8Array> {
  const sections = part === "schema" ? ["--section=pre-data", "--section=post-data"] : [];
  return runPgRestore(program, dump, sections, signal);
}

async function readListing(program: PgRestore, dump: DumpFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of runPgRestore(program, dump, ["--list"])) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** pg_dump writes it into plain SQL behind `--`, and pg_restore into a listing behind `;`. */
function versionIn(text: string): string | null {
  return /^(?:--|; +) ?Dumped from database version:? (\d+(?:\.\d+)*)/m.exec(text)?.[1] ?? null;
}

function describe({ path, format, gzipped }: DumpFile, version: string | null): string {
  const of = version === null ? "" : `, of PostgreSQL ${version}`;
  return `${basename(path)} (${gzipped ? "gzipped " : ""}${NAMES[format]}${of})`;
}

async function pickDatabase(dump: DumpFile, table: string | undefined): Promise<string> {
  const survey = await surveyDump(readDumpBytes(dump));
  const filled = [...survey].filter(([, tables]) => tables.size > 0).map(([name]) => name);
  const holding = table === undefined ? filled : filled.filter((name) => holds(survey, name, table));
  const [only, another] = holding.length === 0 ? filled : holding;
  if (only !== undefined && another === undefined) return only;
  throw severalDatabases([...survey.keys()]);
}

function holds(survey: Survey, database: string, table: string): boolean {
  const wanted = parseQualifiedName(table);
  return [...(survey.get(database) ?? [])].some((text) => {
    const found = parseQualifiedName(text);
    if (found === null || wanted === null || found.name !== wanted.name) return false;
    return wanted.schema === null || found.schema === wanted.schema;
  });
}
