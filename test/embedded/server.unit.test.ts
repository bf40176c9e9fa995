import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { ask, start, temporaryDirectory } from "./places.ts";

describe.each([14, 18] as const)("an embedded PostgreSQL %i", (major) => {
  test("is that version, on 127.0.0.1 only, in UTF-8 with Unicode letters and code-point order", async () => {
    const server = await start({ dataDirectory: join(await temporaryDirectory(), "data"), major });
    const rows = await ask(
      server.url,
      `SELECT current_setting('server_version') AS version, current_setting('listen_addresses') AS addresses,
              current_setting('unix_socket_directories') AS sockets, current_setting('server_encoding') AS encoding,
              lower('É') AS lower, 'a' < 'B' AS by_dictionary`,
    );
    expect(rows).toEqual([
      {
        version: server.version,
        addresses: "127.0.0.1",
        sockets: "",
        encoding: "UTF8",
        lower: "é",
        by_dictionary: false,
      },
    ]);
    expect(server.version).toMatch(new RegExp(`^${major}\\.\\d+$`));
  });

  test("keeps its data and its password from one start to the next", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const first = await start({ dataDirectory, major });
    await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    const second = await start({ dataDirectory, major });
    expect(await ask(second.url, "SELECT * FROM kept")).toEqual([{ answer: 42 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
  });
});

describe("an embedded server", () => {
  test("lets nobody in without its password, which is a file of its account alone", async () => {
    const server = await start({ dataDirectory: join(await temporaryDirectory(), "data") });
    const wrong = new URL(server.url);
    wrong.password = "guess";
    await expect(ask(wrong.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    const { mode } = await stat(join(server.dataDirectory, "authgraft.password"));
    expect(mode & 0o777).toBe(0o600);
  });

  test("listens on the port that was asked for and gives the address of any database", async () => {
    const directory = await temporaryDirectory();
    const { port } = await start({ dataDirectory: join(directory, "one") });
    const free = await start({ dataDirectory: join(directory, "two") });
    expect(free.port).not.toBe(port);
    await free.stop();
    const server = await start({ dataDirectory: join(directory, "two"), port: free.port });
    expect(server.port).toBe(free.port);
    await ask(server.url, 'CREATE DATABASE "Odd ""name"');
    const url = server.databaseUrl('Odd "name');
    expect(await ask(url, "SELECT current_database() AS name")).toEqual([{ name: 'Odd "name' }]);
  });

  test("says that a port is taken", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve(Number(Object(other.address()).port)));
    });
    onTestFinished(() => void other.close());
    const dataDirectory = join(await temporaryDirectory(), "data");
    await expect(startEmbeddedPostgres({ dataDirectory, port })).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      message: `Port ${port} on 127.0.0.1 is taken.`,
    });
  });

  test("takes settings, and says which one PostgreSQL does not know", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const server = await start({ dataDirectory, settings: { max_connections: "23" } });
    expect(await ask(server.url, "SHOW max_connections")).toEqual([{ max_connections: "23" }]);
    await server.stop();
    await expect(
      startEmbeddedPostgres({ dataDirectory, settings: { no_such_thing: "1" } }),
    ).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      message: expect.stringContaining("no_such_thing"),
    });
  });

  test("stops once, however often it is asked to", async () => {
    const server = await start({ dataDirectory: join(await temporaryDirectory(), "data") });
    await Promise.all([server.stop(), server.stop(), server.stop("immediate")]);
    await expect(ask(server.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(() => process.kill(server.pid, 0)).toThrow();
  });

  test("writes no row and no statement to its log", async () => {
    const server = await start({ dataDirectory: join(await temporaryDirectory(), "data") });
    await ask(server.url, "CREATE TABLE people (password_hash text CHECK (false))");
    const insert = "INSERT INTO people VALUES ('$argon2id$invented')";
    await expect(ask(server.url, insert)).rejects.toMatchObject({ code: "23514" });
    const log = await readFile(join(server.dataDirectory, "authgraft.log"), "utf8");
    expect(log).toContain("violates check constraint");
    expect(log).not.toContain("argon2id");
  });
});

describe("a data directory", () => {
  test("that is in use is left alone, and the process that uses it is named", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    const server = await start({ dataDirectory });
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("of another major version is refused and kept", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    await (await start({ dataDirectory, major: 14 })).stop();
    await expect(startEmbeddedPostgres({ dataDirectory, major: 18 })).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      message: expect.stringContaining("PostgreSQL 14, not 18"),
    });
    expect(await readFile(join(dataDirectory, "PG_VERSION"), "utf8")).toBe("14\n");
  });

  test("that holds something else is refused and kept", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    await mkdir(dataDirectory);
    await writeFile(join(dataDirectory, "thesis.txt"), "years of work");
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      fix: "Name an empty or a new directory.",
    });
    expect(await readdir(dataDirectory)).toEqual(["thesis.txt"]);
  });

  test("whose password is lost is refused and kept", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    await (await start({ dataDirectory })).stop();
    await rm(join(dataDirectory, "authgraft.password"));
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toMatchObject({
      code: "embedded_postgres_failed",
      message: expect.stringContaining("authgraft.password"),
      fix: expect.stringContaining("remove that directory to start afresh"),
    });
    expect(await readFile(join(dataDirectory, "PG_VERSION"), "utf8")).toBe("18\n");
  });

  test("may be there already when it is empty", async () => {
    const dataDirectory = join(await temporaryDirectory(), "deep", "data");
    await mkdir(dataDirectory, { recursive: true });
    const server = await start({ dataDirectory });
    expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});
