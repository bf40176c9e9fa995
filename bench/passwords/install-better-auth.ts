import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const BENCH = fileURLToPath(new URL("../", import.meta.url));

/** Installs what the benchmarks alone depend on where it is missing, and says which better-auth there is. */
export async function installBetterAuth(say: (line: string) => void): Promise<string> {
  const { dependencies } = JSON.parse(await readFile(`${BENCH}package.json`, "utf8"));
  const wanted: string = dependencies["better-auth"];
  if ((await installed()) === wanted) return wanted;
  say("installing better-auth, for the benchmarks alone");
  const options = { cwd: BENCH, shell: process.platform === "win32" };
  await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], options);
  return wanted;
}

async function installed(): Promise<string | null> {
  const text = await readFile(`${BENCH}node_modules/better-auth/package.json`, "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text).version;
}
