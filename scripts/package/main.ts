/** Packs the package as it would be published and has publint and Are The Types Wrong look at it. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.ts";

function passes(script: string, tarball: string): boolean {
  const args = ["run", "--silent", script, "--", tarball];
  const { status } = spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
  return status === 0;
}

const directory = await mkdtemp(join(tmpdir(), "authgraft-package-"));
try {
  const tarball = await pack(directory);
  const published = passes("package:publint", tarball);
  const typed = passes("package:attw", tarball);
  if (!published || !typed) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
