import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDump } from "../../src/cli/rehearse/open-dump.ts";
import { makeTestDirectory } from "../support/directory.ts";

let directory = "";
beforeAll(async () => {
  directory = await makeTestDirectory();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(content: string | Buffer): Promise<string> {
  const path = join(directory, "dump");
  await writeFile(path, content);
  return path;
}

const tarOf = (name: string) => {
  const block = Buffer.alloc(1024);
  block.write(name);
  block.write("ustar", 257);
  return block;
};

test.for<[string, string | Buffer, string]>([
  ["an empty file", "", "is empty"],
  ["an empty file, gzipped", gzipSync(""), "is empty once it is unzipped"],
  [
    "a dump of MySQL",
    "-- MySQL dump 10.13  Distrib 8.0.36\n/*!40101 SET NAMES utf8 */;\n",
    "a dump of MySQL",
  ],
  ["a dump of MariaDB", "/*M!999999\\- enable the sandbox mode */\n", "a dump of MySQL or MariaDB"],
  ["a database of SQLite", "SQLite format 3\0\x10\0", "a database of SQLite"],
  ["a dump of SQLite", "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "a dump of SQLite"],
  ["a backup of SQL Server", "TAPE\0\0\x03\0", "a backup of Microsoft SQL Server"],
  ["a script of SQL Server", "USE [shop]\r\nGO\r\nSET ANSI_NULLS ON\r\n", "a script of Microsoft SQL Server"],
  ["an archive of MongoDB", Buffer.from("6de2998170000000", "hex"), "an archive of MongoDB"],
  ["an export of MongoDB", '{"_id":{"$oid":"1"}}\n', "JSON"],
  ["what PowerShell redirected", Buffer.from("\ufeff-- PostgreSQL database dump\n", "utf16le"), "UTF-16"],
  ["zstd", Buffer.from("28b52ffd0458", "hex"), "compressed with zstd"],
  ["a zip", Buffer.from("504b03041400", "hex"), "a zip archive"],
  ["any binary", Buffer.from([1, 2, 3, 0, 255, 7]), "binary data"],
  ["any binary, gzipped", gzipSync(Buffer.from([1, 2, 3, 0, 255])), "binary data"],
  ["damaged gzip", Buffer.concat([Buffer.from("1f8b0800", "hex"), Buffer.alloc(64, 255)]), "is damaged"],
  ["another tar", tarOf("backup/base.sql"), 'begins with "backup/base.sql"'],
])("%s is refused, and told what it is", async ([, content, words]) => {
  await expect(openDump(await file(content), { environment: {} })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining(words),
    fix: expect.stringMatching(/\w/),
  });
});

test("what is not there, or is no dump's directory, is refused", async () => {
  await expect(openDump(join(directory, "none"), { environment: {} })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("There is no"),
  });
  await mkdir(join(directory, "empty"));
  await expect(openDump(join(directory, "empty"), { environment: {} })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("without toc.dat"),
  });
  await expect(openDump("/dev/null", { environment: {} })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("neither a file nor a directory"),
  });
});

test("without pg_restore, or with one too old, the message says what to install and how to do without", async () => {
  const path = await file("PGDMP\x01\x0e\x00");
  const nowhere = { PGRESTORE: join(directory, "no-such-program") };
  await expect(openDump(path, { environment: nowhere })).rejects.toMatchObject({
    code: "client_tool_missing",
    fix: expect.stringContaining("pg_dump -Fp needs no program"),
  });
  const old = join(directory, "pg_restore_old");
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_restore (PostgreSQL) 9.6.1"; exit 0; fi\necho "pg_restore: error: unsupported version (1.16) in file header" >&2; exit 1\n`;
  await writeFile(old, script);
  await chmod(old, 0o755);
  await expect(openDump(path, { environment: { PGRESTORE: old } })).rejects.toMatchObject({
    code: "client_tool_missing",
    message: expect.stringContaining("pg_restore 9.6 (") && expect.stringContaining("too old"),
  });
});

test("what pg_restore says of a damaged archive is passed on", async () => {
  const program = join(directory, "pg_restore_fails");
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo "pg_restore (PostgreSQL) 15.1"; exit 0; fi\necho "pg_restore: error: could not read from input file: end of file" >&2; exit 1\n`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  const path = await file("PGDMP\x01\x0e\x00");
  await expect(openDump(path, { environment: { PGRESTORE: program } })).rejects.toMatchObject({
    code: "dump_invalid",
    message: `${path} cannot be read to its end; pg_restore says "could not read from input file: end of file".`,
  });
});
