/** Runs every check of the checkout, says how each went, and shows what a check printed when it failed. */
import { spawnSync } from "node:child_process";

const CHECKS = [
  ["check:types", "types (tsc)"],
  ["check:lint", "format and lint (biome)"],
  ["check:unused", "unused code and dependencies (knip)"],
  ["check:walls", "import walls (dependency-cruiser, swc)"],
  ["check:package", "the packed package (publint, attw)"],
] as const;

function passes(script: string): { passed: boolean; output: string } {
  const windows = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", script], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    shell: windows,
  });
  return { passed: status === 0, output: `${stdout}${stderr}` };
}

const failed: string[] = [];
for (const [script, title] of CHECKS) {
  process.stdout.write(`${title} … `);
  const started = performance.now();
  const { passed, output } = passes(script);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "ok" : "failed"} (${seconds} s)`);
  if (!passed) {
    console.log(output.trimEnd());
    failed.push(script);
  }
}
console.log(failed.length === 0 ? "All checks passed." : `Failed: ${failed.join(", ")}.`);
if (failed.length > 0) process.exitCode = 1;
