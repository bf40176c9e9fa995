import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, makeDirectory } from "./command-line.ts";

const directory = makeDirectory();

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a", users: 120, grafted: {} });
});

const run = (...args: string[]) => authgraft(["users", ...args, "--database-url", database.url]);

async function events() {
  const { rows } = await database.query(
    "SELECT event, actor, actor_id, user_id, result FROM authgraft.audit_log ORDER BY occurred_at, id",
  );
  return rows;
}

describe("users list", () => {
  test("finds users, and says whether there are more", async () => {
    await database.query("UPDATE users SET username = E'odd\\u001b[31m%name' WHERE id = 3");
    const [first, found, nobody, text] = await Promise.all([
      run("list", "--limit", "2", "--json"),
      run("list", "--search", "D\u001b[31m%N", "--json"),
      run("list", "--search", "no such name"),
      run("list", "--limit", "3"),
    ]);
    expect(first.json()).toMatchObject({ users: [{ id: "1" }, { id: "2" }], more: true });
    expect(found.json()).toMatchObject({ users: [{ id: "3", has_password: false }], more: false });
    expect(nobody.stdout).toBe("Nobody.\n");
    expect(text.stdout).toContain("no password");
    expect(text.stdout).not.toContain("\u001b");
    expect(first.stdout).not.toContain("password_hash");
  });
});

describe("users admin", () => {
  test("grant and revoke write the column and the audit log, and may be repeated", async () => {
    const granted = await run("admin", "grant", "1");
    expect([granted.code, granted.stdout]).toEqual([0, "Done: user 1 is an administrator.\n"]);
    expect((await run("admin", "grant", "1", "--json")).json().user.is_admin).toBe(true);
    expect((await run("admin", "revoke", "1", "--json")).json().user.is_admin).toBe(false);
    const by = { actor: "command_line", actor_id: null, user_id: "1", result: "success" };
    expect(await events()).toEqual([
      { event: "admin_granted", ...by },
      { event: "admin_granted", ...by },
      { event: "admin_revoked", ...by },
    ]);
  });

  test("nobody of that id: 3, and nothing is written down", async () => {
    const unknown = await run("admin", "grant", "9999999999999999999999", "--json");
    expect([unknown.code, unknown.json().error.code]).toEqual([3, "user_unknown"]);
    expect(await events()).toEqual([]);
  });
});

describe("users claim-link", () => {
  test("one link, all links as CSV, and a file that nobody else may read", async () => {
    const one = await run("claim-link", "1");
    expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/^http\S+#token=ago_\S+\n$/)]);
    const path = join(mkdtempSync(join(directory, "csv-")), "links.csv");
    const all = await run("claim-link", "--all", "--csv", path, "--json");
    const lines = readFileSync(path, "utf8").split("\r\n");
    expect(all.json()).toEqual({ links: lines.length - 2, file: path });
    expect(lines[0]).toBe("user_id,username,link,expires_at");
    expect(lines.length).toBeGreaterThan(100);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await run("claim-link", "--all", "--csv", path);
    expect([again.code, again.said]).toEqual([2, expect.stringContaining("cannot be made")]);
  });

  test("a user with a password: 3; neither an id nor --all, or both: 2", async () => {
    await database.query("UPDATE users SET password_hash = 'x' WHERE id = 1");
    const outcomes = await Promise.all([
      run("claim-link", "1", "--json"),
      run("claim-link", "--json"),
      run("claim-link", "1", "--all", "--json"),
      run("claim-link", "1", "--csv", "x.csv", "--json"),
    ]);
    expect(outcomes.map((one) => [one.code, one.json().error.code])).toEqual([
      [3, "not_claimable"],
      [2, "usage_invalid"],
      [2, "usage_invalid"],
      [2, "usage_invalid"],
    ]);
  });
});

test("tokens revoke is written down as done at the command line", async () => {
  const revoke = (...args: string[]) =>
    authgraft(["tokens", "revoke", ...args, "--database-url", database.url]);
  await revoke("--token-id", "jti-1");
  await revoke("--user", "2");
  expect(await events()).toMatchObject([
    { event: "token_revoked", actor: "command_line", user_id: null },
    { event: "sessions_ended", actor: "command_line", user_id: "2" },
  ]);
});
