import fc from "fast-check";
import { expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { copyOf, schemaOf } from "./copy-fixture.ts";

async function count(database: TestDatabase, table: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return rows[0]?.count ?? 0;
}

/** The constraints as the source has them, validated: then every key has its row. */
async function foreignKeysOf(database: TestDatabase): Promise<unknown[]> {
  const { rows } = await database.query(
    "SELECT conrelid::regclass::text AS name, conname, pg_get_constraintdef(oid) AS definition, convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2",
  );
  return rows;
}

test.each(["a", "b"] as const)(
  "sample %s: so many users, the first and the last among them, and every foreign key whole",
  async (sample) => {
    const database = await createTestDatabase({ sample });
    const { copy, report } = await copyOf(database, { rows: 40 });
    expect(report.leftOut).toEqual([]);
    expect(await schemaOf(copy)).toEqual(await schemaOf(database));
    expect(await count(copy, "users")).toBeGreaterThanOrEqual(40);
    expect(await count(copy, "users")).toBeLessThan(await count(database, "users"));
    const ends = 'SELECT min(id::text COLLATE "C") AS first, max(id::text COLLATE "C") AS last FROM users';
    if (sample === "b") expect((await copy.query(ends)).rows).toEqual((await database.query(ends)).rows);
  },
);

test("circles, keys of several columns, keys of other types, tables of their own and partitions come whole", async () => {
  const database = await createTestDatabase();
  await database.query(`
    CREATE EXTENSION citext;
    CREATE TABLE users (id int PRIMARY KEY, boss int REFERENCES users, team_country char(2), team_name citext, nick varchar(9) UNIQUE);
    CREATE TABLE teams (country char(2), name citext, captain int NOT NULL REFERENCES users, home uuid, PRIMARY KEY (country, name));
    CREATE TABLE places (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name bytea UNIQUE, at timestamptz UNIQUE);
    CREATE TABLE visits (id int, day date, place bytea REFERENCES places (name), opened timestamptz REFERENCES places (at), who varchar(9) REFERENCES users (nick), PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
    CREATE TABLE visits_2 PARTITION OF visits DEFAULT;
    CREATE TABLE remarks (id bigint PRIMARY KEY, visit int, day date, answers bigint REFERENCES remarks, FOREIGN KEY (visit, day) REFERENCES visits);
    CREATE TABLE orphans (user_id int);
    INSERT INTO users SELECT n, CASE WHEN n > 1 THEN n / 2 END, NULL, NULL, 'nick' || n FROM generate_series(1, 400) n;
    INSERT INTO teams SELECT 'DE', 'Team ' || n, 401 - n FROM generate_series(1, 400) n;
    UPDATE users SET team_country = 'DE', team_name = CASE WHEN id % 2 = 0 THEN 'TEAM ' ELSE 'team ' END || id;
    INSERT INTO places SELECT gen_random_uuid(), decode(md5(n::text), 'hex'), '2024-01-01'::timestamptz + n * interval '1.5 s' FROM generate_series(1, 400) n;
    UPDATE teams SET home = (SELECT id FROM places LIMIT 1);
    INSERT INTO visits SELECT n, date '2023-12-01' + n % 100, decode(md5((n % 400 + 1)::text), 'hex'), '2024-01-01'::timestamptz + (n % 400 + 1) * interval '1.5 s', 'nick' || (n % 400 + 1) FROM generate_series(1, 2000) n;
    INSERT INTO remarks SELECT n, n % 2000 + 1, date '2023-12-01' + (n % 2000 + 1) % 100, CASE WHEN n > 1 THEN n / 2 END FROM generate_series(1, 3000) n;
    INSERT INTO orphans VALUES (-1), (5);
    ALTER TABLE users ADD FOREIGN KEY (team_country, team_name) REFERENCES teams;
    ALTER TABLE teams ADD FOREIGN KEY (home) REFERENCES places DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE orphans ADD FOREIGN KEY (user_id) REFERENCES users NOT VALID; ANALYZE`);
  const { copy, report } = await copyOf(database, { rows: 8 });
  expect(report.leftOut).toEqual([]);
  expect(await foreignKeysOf(copy)).toEqual(await foreignKeysOf(database));
  expect(await count(copy, "visits")).toBeLessThan(1000);
  expect(await count(copy, "visits")).toBeGreaterThan(0);
});

/** A table of a random graph: which others it references, and whether it may do without. */
interface Node {
  readonly rows: number;
  readonly references: readonly { readonly to: number; readonly required: boolean }[];
}

const GRAPH = fc.array(
  fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    references: fc.array(fc.record({ to: fc.nat(), required: fc.boolean() }), { maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 6 },
);

/** Rows point anywhere, themselves included; keys come after the rows, so that circles can be. */
function graphSql(graph: readonly Node[]): string {
  const name = (place: number) => (place === 0 ? "users" : `t${place}`);
  const tables = graph.map(({ rows, references }, place) => {
    const columns = references.map(({ required }, at) => `, r${at} bigint ${required ? "NOT NULL" : ""}`);
    const values = references.map(({ to, required }, at) => {
      const target = `1 + (n * ${7 + at} + ${place}) % ${graph[to % graph.length]?.rows ?? 1}`;
      return required ? `, ${target}` : `, CASE WHEN n % 3 > 0 THEN ${target} END`;
    });
    return `CREATE TABLE ${name(place)} (id int PRIMARY KEY${columns.join("")});
      INSERT INTO ${name(place)} SELECT n${values.join("")} FROM generate_series(1, ${rows}) n;`;
  });
  const keys = graph.flatMap(({ references }, place) =>
    references.map(
      ({ to }, at) =>
        `ALTER TABLE ${name(place)} ADD FOREIGN KEY (r${at}) REFERENCES ${name(to % graph.length)};`,
    ),
  );
  return [...tables, ...keys].join("\n");
}

test("whatever the graph of foreign keys, a sample has every row that its rows reference", async () => {
  await fc.assert(
    fc.asyncProperty(GRAPH, fc.integer({ min: 1, max: 12 }), async (graph, users) => {
      const database = await createTestDatabase();
      await database.query(graphSql(graph));
      const { copy, report } = await copyOf(database, { rows: users });
      expect(report.leftOut).toEqual([]);
      expect(await foreignKeysOf(copy)).toEqual(await foreignKeysOf(database));
      expect(await count(copy, "users")).toBeGreaterThanOrEqual(Math.min(users, graph[0]?.rows ?? 0));
    }),
    { numRuns: 5, seed: 7 },
  );
}, 60_000);
