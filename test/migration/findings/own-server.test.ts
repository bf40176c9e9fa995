import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PostgresMajor } from "../../../src/embedded/binaries.ts";
import { loadSample } from "../../../src/embedded/samples/load.ts";
import type { SampleName } from "../../../src/embedded/samples/shape.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../../../src/embedded/server.ts";
import { packagesDirectoryFor } from "../../support/packages.ts";
import { serverMajor } from "../../support/postgres.ts";
import { startThrowawayServer } from "../../support/server.ts";
import { findingsAt } from "./support.ts";

// What every database of a server would see, or needs other settings, is planted on a server of its own.
const SETTINGS = { shared_preload_libraries: "pg_stat_statements", wal_level: "logical" };
const major = serverMajor() as PostgresMajor;

let server: EmbeddedServer;

beforeAll(async () => {
  ({ server } = await startThrowawayServer(major, SETTINGS));
});

afterAll(async () => {
  await server.stop("immediate");
  await rm(dirname(server.dataDirectory), { recursive: true, force: true });
});

async function connected<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

async function database(name: string, sample: SampleName): Promise<string> {
  await connected(server.url, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = server.databaseUrl(name);
  await connected(url, (client) => loadSample(client, sample, { users: 20 }));
  return url;
}

async function withCode(code: string, url: string, configuration = {}) {
  return (await findingsAt(url, url, configuration)).filter((finding) => finding.code === code);
}

test("pg_stat_statements shows which statements with a star there are", async () => {
  const url = await database("statements", "b");
  await connected(url, async (client) => {
    await client.query("CREATE SCHEMA watching; CREATE EXTENSION pg_stat_statements SCHEMA watching");
    await client.query("SELECT * FROM users WHERE username = 'nobody'");
    await client.query("SELECT count(*) FROM users");
  });
  const [finding] = await withCode("prepared_select_star", url);
  expect(finding?.evidence?.answer).toContain("SELECT * FROM users WHERE username = $1");
  expect(finding?.evidence?.answer).not.toContain("count");
});

test("a standby that follows the server is told, until it is gone", async () => {
  const url = await database("followed", "a");
  expect(await withCode("standbys", url)).toEqual([]);
  await connected(url, (client) =>
    client.query("CREATE ROLE plain LOGIN PASSWORD 'plain' IN ROLE pg_read_all_data"),
  );
  const plain = new URL(url);
  [plain.username, plain.password] = ["plain", "plain"];
  // What a standby opens first; its sender is listed from then on.
  await connected(`${url}?replication=true&application_name=standby_1`, async () => {
    expect(await withCode("standbys", url)).toMatchObject([{ severity: "warning", object: "standby_1" }]);
    expect((await findingsAt(plain.href, url)).filter(({ code }) => code === "standbys")).toHaveLength(1);
  });
  await expect.poll(() => withCode("standbys", url)).toEqual([]);
});

test("members of pg_read_all_data and pg_write_all_data are told, and the fix takes them out", async () => {
  const url = await database("all_data", "a");
  await connected(url, (client) =>
    client.query("CREATE ROLE analyst; GRANT pg_read_all_data, pg_write_all_data TO analyst"),
  );
  const ask = async () => (await findingsAt(url)).filter(({ object }) => object === "analyst");
  const found = await ask();
  expect(found.map(({ code }) => code)).toEqual(["hash_readable", "admin_writable"]);
  await connected(url, (client) => client.query(found.map(({ fix }) => fix).join("\n")));
  expect(await ask()).toEqual([]);
});

describe("logical replication", () => {
  test.for([
    ["one", "FOR TABLE users, refresh_tokens", "FOR TABLE"],
    ["every", "FOR ALL TABLES", "FOR ALL TABLES"],
    ...(serverMajor() >= 15 ? [["around", "FOR TABLES IN SCHEMA public", "FOR TABLES IN SCHEMA"]] : []),
  ] as [string, string, string][])(
    "a publication %s %s is an acceptable refusal",
    async ([name, what, scope]) => {
      const url = await database(`publishing_${name}`, "b");
      await connected(url, (client) => client.query(`CREATE PUBLICATION "${name} pub" ${what}`));
      const [finding] = await withCode("published", url);
      expect(finding).toMatchObject({ severity: "refusal", acceptable: true, object: `${name} pub` });
      expect(finding?.evidence?.answer).toBe(`${name} pub (${scope})`);
      expect(finding?.message.includes("revoked_tokens")).toBe(name !== "one");
      expect(finding?.fix).toContain('ADD COLUMN "password_hash" character varying(255)');
      expect(finding?.fix).toContain('ALTER COLUMN "auth_provider" DROP NOT NULL');
      expect(await withCode("published", url, { accept: ["published"] })).toMatchObject([
        { severity: "warning" },
      ]);
    },
  );

  test("a publication that lists other columns, or other tables, is not spoken of", async () => {
    const url = await database("publishing_part", "b");
    // Lists of columns came with 15.
    const list = serverMajor() >= 15 ? "CREATE PUBLICATION part FOR TABLE users (id, username);" : "";
    await connected(url, (client) =>
      client.query(`${list} CREATE PUBLICATION elsewhere FOR TABLE refresh_tokens`),
    );
    expect(await withCode("published", url)).toEqual([]);
    if (serverMajor() < 15) return;
    await connected(url, (client) =>
      client.query("ALTER PUBLICATION part SET TABLE users (id, username, auth_provider)"),
    );
    expect(await withCode("published", url)).toMatchObject([{ object: "part" }]);
  });

  test("a subscriber goes on when it has the columns first, as the fix says, and is told what it is", async () => {
    const publisher = await database("publisher", "b");
    const subscriber = await database("subscriber", "b");
    await connected(publisher, (client) => client.query("CREATE PUBLICATION pub FOR TABLE users"));
    await connected(publisher, (client) =>
      client.query("SELECT pg_create_logical_replication_slot('sub', 'pgoutput')"),
    );
    await connected(subscriber, (client) =>
      client.query(`CREATE SUBSCRIPTION sub CONNECTION '${publisher}' PUBLICATION pub
        WITH (create_slot = false, slot_name = 'sub', copy_data = false)`),
    );
    expect(await withCode("subscribed", subscriber)).toMatchObject([
      { severity: "refusal", acceptable: true, object: "sub" },
    ]);

    const [finding] = await withCode("published", publisher);
    const alter = /ALTER TABLE .*?;/.exec(finding?.fix ?? "")?.[0] ?? "";
    await connected(subscriber, (client) => client.query(alter));
    await connected(publisher, (client) => client.query(alter));
    await connected(publisher, (client) =>
      client.query(`INSERT INTO users (username, display_name, email, password_hash)
        VALUES ('after', 'After', 'after@example.com', 'x')`),
    );
    const arrived = () =>
      connected(subscriber, (client) => client.query("SELECT FROM users WHERE username = 'after'"));
    await expect.poll(async () => (await arrived()).rowCount).toBe(1);
    await connected(subscriber, (client) => client.query("DROP SUBSCRIPTION sub"));
    expect(await withCode("subscribed", subscriber)).toEqual([]);
  });
});

test("a standby is refused, with where to go", async () => {
  const url = await database("standing_by", "a");
  const { dataDirectory } = server;
  await server.stop("fast");
  await writeFile(join(dataDirectory, "standby.signal"), "");
  server = await startEmbeddedPostgres({
    dataDirectory,
    major,
    port: server.port,
    durable: false,
    settings: SETTINGS,
    packagesDirectory: await packagesDirectoryFor(major),
  });
  const findings = await findingsAt(url);
  expect(findings.filter(({ severity }) => severity === "refusal")).toMatchObject([
    { code: "server_in_recovery", acceptable: false, fix: expect.stringContaining("primary") },
  ]);
});
