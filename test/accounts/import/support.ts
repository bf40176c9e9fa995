import { hashSync } from "@node-rs/bcrypt";
import type { ImportContext } from "../../../src/accounts/import/import-context.ts";
import type { ImportOptions } from "../../../src/accounts/import/import-options.ts";
import type { ImportReport, RefusedRow } from "../../../src/accounts/import/import-report.ts";
import { importUsers } from "../../../src/accounts/import/import-users.ts";
import { describeUsersTable } from "../../../src/accounts/users-table.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { assertGrafted } from "../../../src/migration/assert-grafted.ts";
import { prepareSession } from "../../../src/postgres/migration-session.ts";
import { graft } from "../../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

/** A bcrypt hash of the lowest cost. */
export function hashOf(password: string): string {
  return hashSync(password, { cost: 4 });
}

/** What an import is asked for; the rest is as the command line has it. */
export interface ImportRequest extends Partial<ImportOptions> {
  readonly configuration?: ConfigurationInput;
  readonly context?: Partial<ImportContext>;
}

/** What came of it, with every row that does not fit. */
export interface ImportOutcome extends ImportReport {
  readonly allRefused: readonly RefusedRow[];
}

const DEFAULTS: ImportOptions = {
  format: null,
  match: null,
  columns: new Map(),
  ignore: [],
  sourceTable: "auth_user",
  keepIds: false,
  existingOnly: false,
  replacePasswords: false,
  withAdmins: false,
  trustVerifiedEmails: false,
  trustUnverifiedEmails: false,
  withoutUnverifiableHashes: false,
  skipInvalid: false,
  dryRun: false,
  pepper: null,
  firebase: null,
};

/** Imports a file's text into a grafted database. */
export async function importText(
  database: TestDatabase,
  text: string | Uint8Array,
  { configuration: input = {}, context = {}, ...options }: ImportRequest = {},
): Promise<ImportOutcome> {
  const configuration = parseConfiguration(input);
  const client = await database.client();
  try {
    await prepareSession(client, { readOnly: false });
    const { situation } = await assertGrafted(client, configuration);
    await client.query("RESET search_path; SET lock_timeout = '60s'");
    const allRefused: RefusedRow[] = [];
    const report = await importUsers({
      ...{ client, configuration, options: { ...DEFAULTS, ...options } },
      table: describeUsersTable(situation.users, situation.mapping, configuration.schema),
      open: () => chunksOf(Buffer.from(text)),
      share: () => null,
      assertUnchanged: async () => undefined,
      startHashing: async () => ({
        hash: async (password) => hashOf(password),
        close: async () => undefined,
      }),
      confirm: async () => true,
      onRefused: async (rows) => void allRefused.push(...rows),
      onProgress: () => undefined,
      signal: new AbortController().signal,
      ...context,
    });
    return { ...report, allRefused };
  } finally {
    await client.end();
  }
}

const CHUNK = 1_000;

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** A table with everything that can be imported, grafted; `before` is run on it before that. */
export async function graftedTable(
  before = "",
  configuration: ConfigurationInput = {},
): Promise<TestDatabase> {
  const table = `
    CREATE TABLE users (id bigserial PRIMARY KEY, username varchar(30) UNIQUE, email varchar(255),
      display_name varchar(50), created_at timestamptz NOT NULL DEFAULT now(), notes text DEFAULT 'theirs');`;
  if (before === "") return createTestDatabase({ sql: table, grafted: configuration });
  const database = await createTestDatabase({ sql: table });
  await database.query(before);
  await graft(database, configuration);
  return database;
}

/** Every user, as rows that can be compared. */
export async function usersIn(database: TestDatabase): Promise<Record<string, unknown>[]> {
  const { rows } = await database.query(`
    SELECT u.id::int, u.username, u.email, u.display_name, u.password_hash, u.is_admin, a.verified_email,
      a.disabled_at IS NOT NULL AS disabled
    FROM users u LEFT JOIN authgraft.accounts a ON a.user_id = u.id ORDER BY u.id`);
  return rows;
}
