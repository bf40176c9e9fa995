import type pg from "pg";
import { type AuthgraftError, MigrationError } from "../../../errors.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import { explainError } from "../../run/explain-error.ts";
import type { LoadOptions, LoadReport } from "../rehearsal.ts";
import { LeftOutList } from "../restore/left-out-list.ts";
import type { RestoreLogin } from "../restore/restore-role.ts";
import { type Definitions, readDefinitions } from "./definitions/read-definitions.ts";
import type { Definition } from "./definitions/scope.ts";
import { DATABASE_SETTINGS, SEARCH_PATH, type SettingRow } from "./definitions/settings.ts";
import { extensionStatements, refusedExtensions } from "./extension-statements.ts";
import { defaultGrantStatements, grantStatements, ownerStatement } from "./grant-statements.ts";
import { isPlainDefaultGrant, isPlainGrant, isPlainOwner } from "./plain-names.ts";
import { publicationStatements, widePublicationStatements } from "./publication-statements.ts";
import { readForeignKeys } from "./rows/foreign-keys.ts";
import { loadAll, loadSample } from "./rows/load-sample.ts";
import { chooseRows, readGraftRecord } from "./rows/row-choice.ts";
import { RowLoader } from "./rows/row-loader.ts";
import { readRowTables } from "./rows/row-tables.ts";
import { ensureRoles, type ScratchRoles } from "./scratch-roles.ts";
import { openScratch, type ScratchSession } from "./scratch-session.ts";
import { readSequenceValues } from "./sequence-values.ts";
import { look, openSource, withSnapshot } from "./source-session.ts";
import { ObjectMaker } from "./statements.ts";

/** What `prepareSession` sets: names with their schemas only. */
const PINNED_PATH = "pg_catalog, pg_temp";

/** What is copied, from where. */
export interface CopyRequest {
  readonly url: string;
  readonly major: number;
  /** The users table's oid. */
  readonly users: string;
  /** The schema of the graft. */
  readonly schema: string;
  readonly rows: "all" | "none" | number;
  /** The login that copies are made as where the scratch server's own role is too powerful. */
  readonly login: RestoreLogin;
}

/** Fills an empty database with what the source has now. */
export async function fillDatabase(
  request: CopyRequest,
  databaseUrl: string,
  options: LoadOptions,
): Promise<LoadReport> {
  const scratch = await openScratch(databaseUrl, request.login);
  const source = await openSource(request.url).catch(async (error: unknown) => {
    await scratch.end();
    throw error;
  });
  const end = () => void Promise.allSettled([source.end(), scratch.end()]);
  options.signal?.addEventListener("abort", end, { once: true });
  try {
    return await new Filling(request, source, scratch, options).run();
  } catch (error) {
    if (options.signal?.aborted) throw interrupted();
    throw explainError(error);
  } finally {
    options.signal?.removeEventListener("abort", end);
    await Promise.allSettled([source.end(), scratch.end()]);
  }
}

function interrupted(): AuthgraftError {
  return new MigrationError("interrupted", "Interrupted; the source was only read.", {
    fix: "It is safe to run the same command again.",
  });
}

/** What was read of the source while its snapshot lasted. */
interface Read {
  readonly definitions: Definitions;
  readonly sequences: readonly Definition[];
  readonly settings: readonly SettingRow[];
  readonly roles: ScratchRoles;
  readonly rows: number;
}

/** One filling of one database, phase by phase. */
class Filling {
  readonly #request: CopyRequest;
  readonly #source: pg.Client;
  readonly #scratch: ScratchSession;
  readonly #options: LoadOptions;
  readonly #leftOut = new LeftOutList();
  #path = PINNED_PATH;

  constructor(request: CopyRequest, source: pg.Client, scratch: ScratchSession, options: LoadOptions) {
    this.#request = request;
    this.#source = source;
    this.#scratch = scratch;
    this.#options = options;
  }

  async run(): Promise<LoadReport> {
    const { onProgress } = this.#options;
    this.#path = await readSearchPath(this.#source);
    const maker = new ObjectMaker(this.#scratch.worker, this.#leftOut, this.#path);
    const read = await withSnapshot(this.#source, () => this.#readAndLoad(maker));
    // From here on the source is not needed: its vacuum need not wait for indexes.
    await this.#source.end();
    onProgress("making indexes, constraints, views and triggers");
    await maker.make(read.sequences);
    for (const phase of read.definitions.afterRows) await maker.make(phase);
    onProgress("setting owners, privileges and comments");
    await this.#finish(read, maker);
    const refused = refusedExtensions(read.definitions.extensions);
    for (const item of [...read.definitions.unsupported, ...refused]) this.#leftOut.add(item, item.reason);
    return {
      tables: await countTables(this.#scratch.admin),
      rows: read.rows,
      leftOut: this.#leftOut.list(),
      rolesMade: read.roles.made,
    };
  }

  async #readAndLoad(maker: ObjectMaker): Promise<Read> {
    const { onProgress } = this.#options;
    const source = this.#source;
    onProgress("reading the schema");
    const definitions = await look(source, "a table", () => readDefinitions(source, this.#request.major));
    const sequences = await look(source, "a sequence", () => readSequenceValues(source, this.#leftOut));
    const settings = await source.query<SettingRow>(DATABASE_SETTINGS);
    onProgress("making types, functions and tables");
    const roles = await ensureRoles(this.#scratch, definitions, this.#leftOut);
    await this.#makeSpaces(definitions);
    for (const phase of definitions.beforeRows) await maker.make(phase);
    return { definitions, sequences, settings: settings.rows, roles, rows: await this.#loadRows() };
  }

  /** Extensions come while nothing of the source's is there that their scripts could stumble over. */
  async #makeSpaces({ schemas, extensions }: Definitions): Promise<void> {
    const { admin, worker } = this.#scratch;
    // Where it may not be dropped, it is as good as the source's.
    const dropped = await admin.query("DROP SCHEMA IF EXISTS public").then(
      () => true,
      () => false,
    );
    const spaces = new ObjectMaker(worker, this.#leftOut, this.#path);
    await spaces.make(schemas.filter(({ name }) => dropped || name !== "public"));
    spaces.reportFailed();
    await this.#makeAsAdmin(extensionStatements(extensions));
  }

  async #loadRows(): Promise<number> {
    const { users, schema, rows } = this.#request;
    const { onProgress, part, signal } = this.#options;
    const source = this.#source;
    const { tables, record } = await look(source, "a table", async () => ({
      tables: await readRowTables(source),
      record: await readGraftRecord(source, schema),
    }));
    const choice = chooseRows(tables, users, schema, record);
    const streams = { source, target: this.#scratch.worker };
    const loader = new RowLoader(streams, this.#leftOut, this.#path, signal);
    await loadAll(loader, choice.journal, onProgress);
    if (part === "schema" || rows === "none") return loader.rows;
    if (rows === "all") {
      await loadAll(loader, choice.tables, onProgress);
      return loader.rows;
    }
    const byOid = new Map(choice.tables.map((table) => [table.oid, table]));
    const usersTable = byOid.get(users);
    if (usersTable === undefined) throw new TypeError("the users table is among the tables");
    const foreignKeys = (await readForeignKeys(source)).filter(
      (foreignKey) => byOid.has(foreignKey.child) && byOid.has(foreignKey.parent),
    );
    await loadSample({ loader, tables: byOid, foreignKeys, users: usersTable, count: rows, onProgress });
    return loader.rows;
  }

  /** What holds expressions or texts of the source's is made by the worker, while everything is still its own. */
  async #finish({ definitions, settings, roles }: Read, maker: ObjectMaker): Promise<void> {
    const { publications, comments, refreshes } = definitions;
    const standInFor = ({ keyword }: { readonly keyword: string }) =>
      keyword === "SCHEMA" ? roles.standInForSchemas : roles.standIn;
    await maker.make([...publicationStatements(publications), ...comments]);
    await this.#makeAsAdmin(widePublicationStatements(publications));
    const owners = this.#plain("owner", definitions.owners, isPlainOwner);
    await this.#makeAsAdmin(owners.map((row) => ownerStatement(row, standInFor(row))));
    const grants = this.#plain("grant", definitions.grants, isPlainGrant);
    await this.#makeAsAdmin(grants.map((row) => grantStatements(row, standInFor(row))));
    const defaultGrants = definitions.defaultGrants.filter(isPlainDefaultGrant);
    await this.#makeAsAdmin(defaultGrants.map((row) => defaultGrantStatements(row, roles.standIn)));
    await maker.make([...refreshes, ...this.#settings(settings)]);
    maker.reportFailed();
  }

  #plain<Row extends { readonly name: string }>(
    kind: string,
    rows: readonly Row[],
    isPlain: (row: Row) => boolean,
  ): Row[] {
    for (const { name } of rows.filter((row) => !isPlain(row)))
      this.#leftOut.add({ kind, name }, "The source does not name it as PostgreSQL would.");
    return rows.filter(isPlain);
  }

  #settings(settings: readonly SettingRow[]): Definition[] {
    const alter = `ALTER DATABASE ${quoteIdentifier(this.#scratch.standing.database)} SET`;
    const others = settings.map(({ name, value }) => ({
      kind: "setting",
      name,
      sql: `${alter} ${name.split(".").map(quoteIdentifier).join(".")} TO ${quoteLiteral(value)}`,
    }));
    return [
      ...others,
      { kind: "setting", name: "search_path", sql: `${alter} search_path TO ${this.#path}` },
    ];
  }

  async #makeAsAdmin(definitions: readonly Definition[]): Promise<void> {
    const maker = new ObjectMaker(this.#scratch.admin, this.#leftOut, PINNED_PATH);
    await maker.make(definitions);
    maker.reportFailed();
  }
}

/** The source's search path, as SQL. */
async function readSearchPath(source: pg.Client): Promise<string> {
  const { rows } = await source.query<{ path: string | null }>(SEARCH_PATH);
  return rows[0]?.path ?? PINNED_PATH;
}

async function countTables(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  );
  return rows[0]?.count ?? 0;
}
