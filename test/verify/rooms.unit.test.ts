import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

const PROGRAM = `
import { registerHooks } from "node:module";
const loaded = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
await import("./src/verify/verifier.ts");
console.log(loaded.join("\\n"));
`;

test("a service that verifies tokens loads jose, and neither a database driver nor a web framework", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    cwd: ROOT,
  });
  const packages = new Set(
    [...stdout.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name]) => name),
  );
  expect([...packages]).toEqual(["jose"]);
  expect(stdout).not.toMatch(/src\/(postgres|accounts|http)\//);
});
