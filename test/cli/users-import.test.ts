import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { hashSync } from "@node-rs/bcrypt";
import { beforeEach, expect, test } from "vitest";
import { openAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, makeDirectory, start } from "./command-line.ts";

const HASH = hashSync("analytical-engine", { cost: 4 });
const directory = makeDirectory();

let database: TestDatabase;
let url: readonly string[];

beforeEach(async () => {
  const sql = "CREATE TABLE users (id bigserial PRIMARY KEY, username varchar(30) UNIQUE)";
  database = await createTestDatabase({ sql, grafted: {} });
  url = ["--database-url", database.url];
});

function fileOf(name: string, text: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function manyUsers(count: number): string {
  const lines = Array.from(
    { length: count },
    (_, index) => `user${index + 1}@example.com,user${index + 1},${HASH}`,
  );
  return `email,username,password_hash\n${lines.join("\n")}\n`;
}

async function countUsers(): Promise<number> {
  const { rows } = await database.query("SELECT count(*)::int AS count FROM users");
  return rows[0]?.count;
}

test("a dry run says what the file is and what would become of its rows; --yes does it; again there is nothing to do", async () => {
  const file = fileOf("users.csv.gz", gzipSync(manyUsers(30)));
  const looked = await authgraft(["users", "import", file, "--dry-run", ...url]);
  expect(looked).toMatchObject({ code: 0 });
  expect(looked.stdout).toMatch(
    /^CSV, 30 rows, matched by email\n +30 {2}new users\nPasswords:\n +30 {2}bcrypt\n/,
  );
  expect(looked.stdout).toContain("Nothing was written: this was a dry run.");
  expect(await countUsers()).toBe(0);
  const done = await authgraft(["users", "import", file, "--yes", ...url]);
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("Done: 30 rows written.")]);
  const again = await authgraft(["users", "import", file, "--yes", "--json", ...url]);
  expect(again.json()).toMatchObject({ state: "imported", outcomes: { unchanged: 30 }, written: { new: 0 } });
  expect(again.stderr).toBe("");
});

test("rows that do not fit: 3, nothing written, the first 20 shown, all of them in --report and --json", async () => {
  const bad = Array.from({ length: 25 }, (_, index) => `no address,bad${index}`).join("\n");
  const file = fileOf("bad.csv", `email,username\nada@example.com,ada\n${bad}\n`);
  const report = join(directory, "refused.csv");
  const refused = await authgraft(["users", "import", file, "--yes", "--report", report, ...url]);
  expect(refused.code).toBe(3);
  expect(refused.stdout).toContain("  row 22, email: It is not one email address");
  expect(refused.stdout).toContain("  and 5 rows more; --report FILE writes all of them");
  expect(refused.stdout).toContain(
    "Refused; nothing was written. --skip-invalid goes on without these rows.",
  );
  const lines = readFileSync(report, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(26);
  expect(lines[1]).toBe('3,email,"It is not one email address, like ada@example.com."');
  const data = await authgraft(["users", "import", file, "--dry-run", "--json", ...url]);
  expect(data.code).toBe(3);
  expect(data.json().refused).toHaveLength(25);
  expect(await countUsers()).toBe(0);
  const skipped = await authgraft(["users", "import", file, "--yes", "--skip-invalid", ...url]);
  expect([skipped.code, await countUsers()]).toEqual([0, 1]);
});

test("wrong usage: 2, and nothing is written", async () => {
  const file = fileOf("colours.csv", "email,favourite colour\nada@example.com,blue\n");
  const run = (...args: string[]) => authgraft(["users", "import", ...args, ...url]);
  const outcomes = await Promise.all([
    run(file, "--yes"),
    run(file, "--yes", "--ignore", "favourite colour", "--match", "telephone"),
    run(file),
    run(join(directory, "nowhere.csv"), "--yes"),
    run(file, "--yes", "--hash-pepper-env", "NOBODY_SET_THIS"),
    run(file, "--yes", "--column", "colour=favourite colour"),
  ]);
  expect(outcomes.map(({ code }) => code)).toEqual(outcomes.map(() => 2));
  expect(outcomes[0]?.said).toContain(
    'The header "favourite colour" is not known. The headers are "email", "favourite colour". The roles are id,',
  );
  expect(outcomes[2]?.said).toContain("authgraft users import FILE --yes");
  expect(await countUsers()).toBe(0);
  expect((await run(file, "--yes", "--ignore", "*")).code).toBe(0);
});

test("passwords in plaintext are hashed as new ones are, and their users sign in", async () => {
  const file = fileOf("plain.csv", "username,email,password\nada,ada@example.com,analytical-engine\n");
  const done = await authgraft(["users", "import", file, "--yes", ...url]);
  expect(done.code).toBe(0);
  const { rows } = await database.query("SELECT password_hash FROM users");
  expect(rows).toEqual([{ password_hash: expect.stringMatching(/^\$argon2id\$/) }]);
  const auth = await openAuth(database);
  const login = (password: string) => auth.post("/v1/auth/login", { email: "ada@example.com", password });
  expect((await login("differential-engine")).status).toBe(401);
  expect((await login("analytical-engine")).status).toBe(200);
});

test.runIf(process.platform === "linux")(
  "hashing takes the threads that the configuration says, at the lowest priority",
  async () => {
    const lines = Array.from(
      { length: 2_000 },
      (_, index) => `user${index},user${index}@example.com,engine ${index}`,
    );
    const file = fileOf("many-plain.csv", `username,email,password\n${lines.join("\n")}\n`);
    const config = fileOf("one-thread.json", JSON.stringify({ passwords: { hashing: { threads: 1 } } }));
    const running = start(["users", "import", file, "--yes", "--config", config, ...url]);
    const lowered = () => prioritiesIn(running.child.pid).filter((nice) => nice > 0);
    await eventually(lowered).toEqual([19]);
    // Others would be started with the first. None has to have hashed anything: on a busy machine that takes its time.
    for (let look = 0; look < 10; look += 1) {
      await setTimeout(50);
      expect(lowered()).toEqual([19]);
    }
    running.child.kill("SIGINT");
    expect((await running.outcome).code).toBe(130);
  },
);

/** The niceness of every thread of a process. */
function prioritiesIn(pid = 0): number[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8");
    // The name of a thread, in parentheses, may have spaces.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  });
}

test("--report: what is there stays, with exit code 2; and where there is nothing to say, nothing is made", async () => {
  const bad = fileOf("one-bad.csv", "email,username\nno address,ada\n");
  const theirs = fileOf("theirs.csv", "their own words\n");
  const taken = await authgraft(["users", "import", bad, "--dry-run", "--report", theirs, ...url]);
  expect([taken.code, taken.said]).toEqual([2, expect.stringContaining("is there already")]);
  expect(readFileSync(theirs, "utf8")).toBe("their own words\n");
  const path = join(directory, "nothing.csv");
  const bare = await createTestDatabase({ sample: "a" });
  const failed = await authgraft([
    ...["users", "import", bad, "--dry-run", "--report", path, "--database-url", bare.url],
  ]);
  expect([failed.code, existsSync(path)]).toEqual([3, false]);
  const good = fileOf("good.csv", manyUsers(1));
  const fine = await authgraft(["users", "import", good, "--dry-run", "--report", path, ...url]);
  expect([fine.code, existsSync(path)]).toEqual([0, false]);
  const nowhere = join(directory, "no-such-directory", "refused.csv");
  const lost = await authgraft(["users", "import", good, "--dry-run", "--report", nowhere, ...url]);
  expect([lost.code, lost.said]).toEqual([2, expect.stringContaining("cannot be written")]);
});

test("what PostgreSQL says about a row is repeated nowhere, whatever it raises", async () => {
  await database.query(`
    CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE ''no, % may not'', NEW.email USING ERRCODE = ''57014''; END';
    CREATE TRIGGER object BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION object()`);
  const file = fileOf("told.csv", manyUsers(1));
  const failed = await authgraft(["users", "import", file, "--yes", ...url]);
  expect([failed.code, failed.said]).toEqual([1, expect.stringContaining("57014")]);
  expect(failed.said).not.toContain("user1@example.com");
});

test("a database that is not grafted: 3, and the command to run", async () => {
  const bare = await createTestDatabase({ sample: "a" });
  const file = fileOf("one.csv", manyUsers(1));
  const refused = await authgraft(["users", "import", file, "--yes", "--database-url", bare.url]);
  expect([refused.code, refused.said]).toEqual([3, expect.stringContaining("authgraft up")]);
});

test("killed while it writes, it goes on where it was, and the run after changes nothing", async () => {
  const file = fileOf("killed.csv", manyUsers(30_000));
  const killed = start(["users", "import", file, "--yes", ...url]);
  await killed.until(/Writing/);
  killed.child.kill("SIGKILL");
  expect((await killed.outcome).code).toBeNull();
  const stood = await countUsers();
  expect(stood).toBeGreaterThan(0);
  const next = await authgraft(["users", "import", file, "--yes", "--json", ...url]);
  expect(next.code).toBe(0);
  expect(next.json().written.new + next.json().outcomes.unchanged).toBe(30_000);
  expect(await countUsers()).toBe(30_000);
  const last = await authgraft(["users", "import", file, "--yes", "--json", ...url]);
  expect(last.json()).toMatchObject({
    outcomes: { unchanged: 30_000 },
    written: { new: 0, password_added: 0 },
  });
});

test("Ctrl-C stops between two batches: 130, and how to go on", async () => {
  const file = fileOf("stopped.csv", manyUsers(40_000));
  const stopped = start(["users", "import", file, "--yes", ...url]);
  await stopped.until(/Writing/);
  stopped.child.kill("SIGINT");
  const { code, said } = await stopped.outcome;
  expect([code, said]).toEqual([
    130,
    expect.stringMatching(/Interrupted; [\d,]+ rows were written and stand\./),
  ]);
  expect(said).toContain("Run the same command again: it goes on where it stopped.");
  expect((await countUsers()) % 5_000).toBe(0);
});
