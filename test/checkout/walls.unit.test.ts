import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkWalls, unread } from "../../scripts/walls/check.ts";

type Tree = Readonly<Record<string, string>>;

const EMPTY = "export const nothing = 0;\n";

/** A small house in order: every room is there, and imports what the table lets it import. */
const HOUSE: Tree = {
  "package.json": JSON.stringify({
    type: "module",
    dependencies: { shipped: "1.0.0" },
    devDependencies: { tool: "1.0.0", optional: "1.0.0" },
    peerDependencies: { optional: "*" },
  }),
  "node_modules/shipped/package.json": '{ "name": "shipped", "type": "module", "exports": "./index.js" }',
  "node_modules/shipped/index.js": EMPTY,
  "node_modules/tool/package.json": '{ "name": "tool", "type": "module", "exports": "./index.js" }',
  "node_modules/tool/index.js": EMPTY,
  "node_modules/optional/package.json": '{ "name": "optional", "type": "module", "exports": "./index.js" }',
  "node_modules/optional/index.js": EMPTY,
  "test/helper.ts": EMPTY,
  "src/errors.ts": EMPTY,
  "src/config/parse.ts": 'import "../errors.ts"; import "shipped"; import "node:fs";',
  "src/postgres/client.ts": 'export { nothing as zero } from "../errors.ts"; export const one = 1;',
  "src/users-table/read.ts": 'import "../postgres/client.ts"; import "../config/parse.ts";',
  "src/migration/plan.ts": 'import "../users-table/read.ts"; import "./steps/columns.ts";',
  "src/migration/steps/columns.ts": EMPTY,
  "src/migration/steps/indexes.ts": EMPTY,
  "src/passwords/registry.ts": 'import "./formats/bcrypt.ts"; import "./formats/scrypt.ts";',
  "src/passwords/formats/bcrypt.ts": EMPTY,
  "src/passwords/formats/scrypt.ts": EMPTY,
  "src/tokens/access.ts": 'import "../postgres/client.ts";',
  "src/oauth/provider.ts": 'import "../config/parse.ts";',
  "src/mail/message.ts": 'import "../config/parse.ts";',
  "src/throttling/limits.ts": 'import "../postgres/client.ts";',
  "src/audit/record.ts": 'import "../postgres/client.ts";',
  "src/accounts/login.ts": 'import "../passwords/registry.ts"; import "../tokens/access.ts";',
  "src/http/app.ts": 'import "./routes/login.ts"; import "./routes/admin/migrations.ts";',
  "src/http/contract.ts": "export interface Contract { readonly id: string }",
  "src/http/routes/login.ts": 'import "./login.schema.ts"; import "../../accounts/login.ts";',
  "src/http/routes/login.schema.ts": EMPTY,
  "src/http/routes/logout.ts": EMPTY,
  "src/http/routes/admin/migrations.ts": 'import "../../../migration/plan.ts";',
  "src/adapters/node.ts": 'import "../http/app.ts";',
  "src/react/context.ts": 'import type { Contract } from "../http/contract.ts"; export type C = Contract;',
  "src/auth.ts": 'import "./http/app.ts"; import "./accounts/login.ts"; import "./migration/plan.ts";',
  "src/index.ts": 'export * from "./auth.ts"; export * from "./errors.ts";',
  "src/embedded/server.ts": 'import "optional"; import "../migration/plan.ts"; import "../auth.ts";',
  "src/cli/main.ts": 'import "../embedded/server.ts"; import "../auth.ts"; console.log(process.env.HOME);',
};

/** Builds the house with some files put in another's place, and holds it against the walls. */
async function rulesBroken(changes: Tree): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), "authgraft-walls-"));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [file, content] of Object.entries({ ...HOUSE, ...changes })) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  }
  const { violations } = await checkWalls(root);
  return [...new Set(violations.map(({ file, rule }) => `${rule} ${file}`))].sort();
}

test("this checkout keeps its walls, and every source file of it was read", async () => {
  const walls = await checkWalls(resolve(import.meta.dirname, "../.."));
  expect(walls.violations).toEqual([]);
  expect(walls.files).toBeGreaterThan(30);
});

test("a house in order breaks no rule", async () => {
  expect(await rulesBroken({})).toEqual([]);
});

test("a checkout without sources is not a checkout in order", async () => {
  const root = await mkdtemp(join(tmpdir(), "authgraft-walls-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, "src"));
  const { files, violations } = await checkWalls(root);
  expect(files).toBe(0);
  expect(violations).toEqual([expect.objectContaining({ rule: "unread" })]);
});

test("a source file that dependency-cruiser passes over is a violation", () => {
  expect(unread(["src/errors.ts", "src/index.ts"], new Set(["src/errors.ts"]))).toEqual([
    expect.objectContaining({ file: "src/index.ts", rule: "unread" }),
  ]);
});

/** Planted violations: the file that breaks the rule, what it holds, and the rule that must turn red. */
const PLANTED: readonly (readonly [file: string, content: string, rule: string])[] = [
  ["src/errors.ts", 'import "./config/near.ts";', "room-errors"],
  ["src/config/near.ts", 'import "../postgres/client.ts";', "room-config"],
  ["src/postgres/listen.ts", 'import "../http/contract.ts";', "room-postgres"],
  ["src/users-table/guess.ts", 'import "../migration/steps/columns.ts";', "room-users-table"],
  ["src/migration/run.ts", 'import "../accounts/login.ts";', "room-migration"],
  ["src/passwords/pool.ts", 'import "../tokens/access.ts";', "room-passwords"],
  ["src/tokens/refresh.ts", 'import "../passwords/registry.ts";', "room-tokens"],
  ["src/oauth/flow.ts", 'import "../postgres/client.ts";', "room-oauth"],
  ["src/mail/send.ts", 'import "../accounts/login.ts";', "room-mail"],
  ["src/throttling/count.ts", 'import "../accounts/login.ts";', "room-throttling"],
  ["src/audit/read.ts", 'import "../http/contract.ts";', "room-audit"],
  ["src/accounts/register.ts", 'import "../migration/plan.ts";', "room-accounts"],
  ["src/http/health.ts", 'import "../postgres/client.ts";', "room-http"],
  ["src/http/routes/logout.ts", 'import "../../migration/plan.ts";', "admin-routes"],
  ["src/adapters/hono.ts", 'import "../accounts/login.ts";', "room-adapters"],
  ["src/react/form.tsx", 'import "../accounts/login.ts";', "room-react"],
  ["src/react/form.tsx", 'import { nothing } from "../http/routes/logout.ts"; nothing;', "types-only"],
  ["web/page.ts", 'import "../src/auth.ts";', "room-web"],
  ["src/auth.ts", 'import "./embedded/server.ts";', "room-auth"],
  ["src/index.ts", 'export * from "./embedded/server.ts";', "room-index"],
  ["src/embedded/demo.ts", 'import "../cli/main.ts";', "room-embedded"],
  ["src/cli/pages.ts", 'import "../react/context.ts";', "room-cli"],
  ["src/shed/tool.ts", EMPTY, "no-room"],
  ["src/helpers.ts", EMPTY, "no-room"],
  ["src/migration/steps/indexes.ts", 'import "./columns.ts";', "strangers-steps"],
  ["src/passwords/formats/scrypt.ts", 'import "./bcrypt.ts";', "strangers-formats"],
  ["src/http/routes/logout.ts", 'import "./login.ts";', "strangers-routes"],
  ["src/http/routes/logout.ts", 'import "./login.schema.ts";', "strangers-routes"],
  ["src/users-table/read.ts", 'import "./read.ts";', "cycle"],
  ["src/config/parse.ts", 'import "./absent.ts";', "unresolvable"],
  ["src/config/parse.ts", 'import "tool";', "development-package"],
  ["src/config/parse.ts", 'import "../../test/helper.ts";', "outside"],
];

describe("a planted import turns its rule red", () => {
  test.each(PLANTED)("%s: %s breaks %s", async (file, content, rule) => {
    expect(
      await rulesBroken({ [file]: content, "src/config/near.ts": EMPTY, ...{ [file]: content } }),
    ).toContain(`${rule} ${file}`);
  });

  test.each([
    'import type { zero } from "../http/contract.ts";',
    'export { Contract } from "../http/contract.ts";',
    'export async function late() { return await import("../http/contract.ts"); }',
    'const late = { run: async () => (await import("../http/contract.ts")) satisfies unknown }; late;',
    'export function f(contract: import("../http/contract.ts").Contract) { return contract; }',
  ])("in whatever form it is written: %s", async (content) => {
    expect(await rulesBroken({ "src/tokens/access.ts": content })).toContain(
      "room-tokens src/tokens/access.ts",
    );
  });

  test("a cycle through three files, of types only", async () => {
    const rules = await rulesBroken({
      "src/audit/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
      "src/audit/b.ts": 'import type { C } from "./c.ts"; export type B = C;',
      "src/audit/c.ts": 'import type { A } from "./a.ts"; export type C = A;',
    });
    expect(rules).toContain("cycle src/audit/a.ts");
  });
});

describe("what only an entry may do turns red elsewhere", () => {
  test.each([
    "export const url = process.env.DATABASE_URL;",
    'export const url = process["env"];',
    "const { env } = process; export const url = env;",
    "export const url = globalThis.process.env;",
    'import { env } from "node:process"; export const url = env;',
    'import process from "process"; export const url = process.pid;',
    "export const read = (of: unknown) => of; read(process);",
    'export const greet = () => console.log("hello");',
    'export const greet = () => process.stdout.write("hello");',
    "export const leave = () => process.exit(1);",
    "export const leave = () => { process.exitCode = 1; };",
  ])("%s", async (content) => {
    const broken = ["entry-only src/config/parse.ts"];
    expect(await rulesBroken({ "src/config/parse.ts": content })).toEqual(broken);
    expect(await rulesBroken({ "src/cli/status.ts": content })).toEqual([]);
  });

  test("asking what the process is remains everyone's", async () => {
    const content = "export const here = [process.platform, process.getuid?.(), process.pid];";
    expect(await rulesBroken({ "src/embedded/server.ts": content })).toEqual([]);
  });
});

describe("how a file exports", () => {
  test.each([
    "export default function parse() {}",
    "export default 1;",
    "const parse = 1; export { parse as default };",
  ])("a default export is red: %s", async (content) => {
    expect(await rulesBroken({ "src/cli/status.ts": content })).toEqual(["default-export src/cli/status.ts"]);
  });

  test.each([
    'export * from "./steps/columns.ts";',
    'export { nothing } from "./steps/columns.ts"; export * as indexes from "./steps/indexes.ts";',
    'import { nothing } from "./steps/columns.ts"; export { nothing };',
  ])("a barrel below the public entry is red: %s", async (content) => {
    expect(await rulesBroken({ "src/migration/all.ts": content })).toEqual(["barrel src/migration/all.ts"]);
  });

  test("an import type in the middle of a type is red: it would pass the walls unseen", async () => {
    const content = 'export type Late = readonly import("../http/contract.ts").Contract[];';
    expect(await rulesBroken({ "src/tokens/access.ts": content })).toEqual([
      "inline-import-type src/tokens/access.ts",
    ]);
  });
});
