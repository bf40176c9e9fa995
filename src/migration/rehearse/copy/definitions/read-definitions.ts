import type { Queryable } from "../../../../postgres/client.ts";
import type { LeftOut } from "../../rehearsal.ts";
import type { ExtensionRow } from "../extension-statements.ts";
import { COMMENTS, UNSUPPORTED } from "./comments.ts";
import { AGGREGATES, CASTS, FUNCTIONS, OPERATORS } from "./functions.ts";
import * as indexes from "./indexes.ts";
import {
  DEFAULT_GRANTS,
  type DefaultGrantRow,
  GRANTS,
  type GrantRow,
  OWNERS,
  type OwnerRow,
  ROLES,
} from "./ownership.ts";
import { type PublicationRow, publications } from "./publications.ts";
import type { Definition } from "./scope.ts";
import * as tables from "./tables.ts";
import * as types from "./types.ts";
import * as views from "./views.ts";

/** What a database is made of, as statements, in the order of the phases that make it. */
export interface Definitions {
  readonly schemas: readonly Definition[];
  readonly extensions: readonly ExtensionRow[];
  /** What rows need: types, functions, tables. */
  readonly beforeRows: readonly (readonly Definition[])[];
  /** What is faster, or only right, once the rows are there. */
  readonly afterRows: readonly (readonly Definition[])[];
  readonly comments: readonly Definition[];
  readonly publications: readonly PublicationRow[];
  readonly refreshes: readonly Definition[];
  readonly owners: readonly OwnerRow[];
  readonly grants: readonly GrantRow[];
  readonly defaultGrants: readonly DefaultGrantRow[];
  readonly roles: readonly string[];
  readonly unsupported: readonly LeftOut[];
}

const BEFORE_ROWS = [
  [
    types.COLLATIONS,
    types.TYPES,
    types.TEXT_SEARCH,
    types.SEQUENCES,
    FUNCTIONS,
    AGGREGATES,
    OPERATORS,
    CASTS,
  ],
  [tables.TABLES],
  [tables.PARTITIONS, tables.INHERITED_COLUMNS, tables.COLUMN_SETTINGS, types.SEQUENCE_OWNERS],
];

const AFTER_ROWS = [
  [types.DOMAIN_CONSTRAINTS_NOT_VALID, indexes.INDEXES, indexes.CONSTRAINTS],
  [indexes.INDEX_PARTITIONS, indexes.INDEX_SETTINGS],
  [indexes.FOREIGN_KEYS],
  [views.VIEWS, views.MATERIALIZED_VIEWS],
  [indexes.STATISTICS, views.RULES, views.TRIGGERS, views.POLICIES],
  [views.TRIGGER_STATES, tables.TABLE_SETTINGS],
];

/**
 * Reads the whole definition of a database with PostgreSQL's own `pg_get_*def` functions, on a connection
 * whose search path is `pg_catalog`.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG
 */
export async function readDefinitions(client: Queryable, major: number): Promise<Definitions> {
  const read = async <Row = Definition>(sql: string) => (await client.query<Row>(sql)).rows;
  const readAll = async (texts: readonly string[]) => {
    const found: Definition[] = [];
    for (const text of texts) found.push(...(await read(text)));
    return found;
  };
  const readPhases = async (phases: readonly (readonly string[])[]) => {
    const found: Definition[][] = [];
    for (const phase of phases) found.push(await readAll(phase));
    return found;
  };
  return {
    schemas: await read(types.SCHEMAS),
    extensions: await read<ExtensionRow>(types.EXTENSIONS),
    beforeRows: await readPhases(BEFORE_ROWS),
    afterRows: await readPhases(AFTER_ROWS),
    comments: await read(COMMENTS),
    publications: await read<PublicationRow>(publications(major)),
    refreshes: await read(views.REFRESHES),
    owners: await read<OwnerRow>(OWNERS),
    grants: await read<GrantRow>(GRANTS),
    defaultGrants: await read<DefaultGrantRow>(DEFAULT_GRANTS),
    roles: (await read<{ name: string }>(ROLES)).map(({ name }) => name),
    unsupported: [...(await read<LeftOut>(UNSUPPORTED)), ...(await read<LeftOut>(indexes.INVALID_INDEXES))],
  };
}
