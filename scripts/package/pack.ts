import { execFile } from "node:child_process";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");

/** What `npm pack` needs of the checkout: what it packs, and what its `prepack` builds from. */
function belongsToPackage(name: string): boolean {
  return /^(src|scripts|tools|package(-lock)?[.]json|tsconfig.*[.]json|README.*|LICENSE|CHANGELOG.*)$/.test(
    name,
  );
}

/** Copies the checkout's package, so that packing neither touches its dist/ nor meets another packing. */
async function stage(directory: string): Promise<void> {
  await mkdir(directory);
  const names = (await readdir(ROOT)).filter(belongsToPackage);
  await Promise.all(names.map((name) => cp(join(ROOT, name), join(directory, name), { recursive: true })));
  await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"), "junction");
}

/** Runs npm in `directory`. Returns what it printed, and throws it, with npm's errors, when npm fails. */
export async function npm(directory: string, ...args: string[]): Promise<string> {
  const windows = process.platform === "win32";
  const child = promisify(execFile)("npm", args, { cwd: directory, shell: windows });
  const { stdout } = await child.catch((cause: { stdout: string; stderr: string }) => {
    throw new Error(`npm ${args.join(" ")} failed:\n${cause.stdout}${cause.stderr}`, { cause });
  });
  return stdout;
}

/** Builds and packs the package as `npm publish` would. Returns the path of the tarball in `directory`. */
export async function pack(directory: string): Promise<string> {
  const checkout = join(directory, "checkout");
  await stage(checkout);
  await npm(checkout, "pack", "--silent", "--pack-destination", directory);
  const tarball = (await readdir(directory)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  return join(directory, tarball);
}
