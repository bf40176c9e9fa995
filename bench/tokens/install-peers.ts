import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const BENCH = fileURLToPath(new URL("../", import.meta.url));

/** What is measured beside, and in which version. */
export interface Peers {
  readonly betterAuth: string;
  readonly fastJwt: string;
  readonly jose: string;
}

/** Installs what the benchmarks alone depend on where it is missing, and says what there is. */
export async function installPeers(say: (line: string) => void): Promise<Peers> {
  const { dependencies: wanted } = JSON.parse(await readFile(`${BENCH}package.json`, "utf8"));
  const names = Object.keys(wanted);
  const there = await Promise.all(names.map((name) => versionIn(BENCH, name)));
  if (names.some((name, index) => there[index] !== wanted[name])) {
    say(`installing ${names.join(" and ")}, for the benchmarks alone`);
    const options = { cwd: BENCH, shell: process.platform === "win32" };
    await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], options);
  }
  const jose = await versionIn(`${BENCH}../`, "jose");
  return { betterAuth: wanted["better-auth"], fastJwt: wanted["fast-jwt"], jose: jose ?? "unknown" };
}

async function versionIn(directory: string, name: string): Promise<string | null> {
  const text = await readFile(`${directory}node_modules/${name}/package.json`, "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text).version;
}
