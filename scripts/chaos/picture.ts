import type pg from "pg";
import { digestRows, readLogicalSchema } from "../../test/support/catalog.ts";
import { readHoldings } from "./holdings.ts";
import type { Subject } from "./scenario.ts";

/** A database at rest: its whole catalog, every old value of every row, and what people have left. */
export interface Picture {
  readonly schema: Readonly<Record<string, readonly unknown[]>>;
  readonly rows: string;
  /** The team's own index: the very same one. */
  readonly teamIndex: string;
  readonly live: ReadonlySet<string>;
  readonly archived: ReadonlySet<string>;
}

/** The columns that the users table of each sample had at first, its key first. */
export type OldColumns = readonly string[];

export async function readOldColumns(client: pg.Client): Promise<OldColumns> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
  );
  return rows.map(({ name }) => name);
}

/** Takes a picture, as a superuser. */
export async function takePicture(
  client: pg.Client,
  subject: Subject,
  columns: OldColumns,
): Promise<Picture> {
  const { rows } = await client.query<{ index: string }>(
    "SELECT concat_ws(' ', oid, relfilenode) AS index FROM pg_class WHERE relname = 'team_idx'",
  );
  return {
    schema: await readLogicalSchema(client, { schemas: [], relations: [] }),
    rows: await digestRows(client, "public.users", columns, columns[0] ?? ""),
    teamIndex: rows[0]?.index ?? "",
    ...(await readHoldings(client, subject.sample === "a")),
  };
}

/** In what a picture differs from the one it should be, in words. */
export function differences(wanted: Picture, found: Picture): string[] {
  return [
    ...Object.entries(wanted.schema).flatMap(([kind, rows]) =>
      differingRows(kind, rows, found.schema[kind] ?? []),
    ),
    ...(wanted.rows === found.rows ? [] : ["an old value of a row of the users table is another"]),
    ...(wanted.teamIndex === found.teamIndex ? [] : ["another team's invalid index was touched"]),
    ...differingSets("in the graft", wanted.live, found.live),
    ...differingSets("in the archive", wanted.archived, found.archived),
  ];
}

function differingRows(kind: string, wanted: readonly unknown[], found: readonly unknown[]): string[] {
  const texts = (rows: readonly unknown[]) => new Set(rows.map((row) => JSON.stringify(row)));
  return differingSets(kind, texts(wanted), texts(found));
}

function differingSets(kind: string, wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] {
  const missing = [...wanted].filter((one) => !found.has(one));
  const extra = [...found].filter((one) => !wanted.has(one));
  return [
    ...missing.map((one) => `${kind}: missing ${one}`),
    ...extra.map((one) => `${kind}: too much ${one}`),
  ];
}
