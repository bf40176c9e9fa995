import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TEST_SECRET } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { graftedDatabase, startServer } from "../tokens/keys/support.ts";
import { authgraft, makeDirectory, type Outcome } from "./command-line.ts";

const NEW_SECRET = "Zp7-another-secret-of-the-tests-Q2w9-Rt6y-Uk1i";
const directory = makeDirectory();

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedDatabase();
});
beforeEach(() => database.query("DELETE FROM authgraft.signing_keys"));

function keys(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return authgraft(["keys", ...args, "--database-url", database.url], {
    environment: { AUTHGRAFT_SECRET: TEST_SECRET, ...environment },
  });
}

describe("keys list", () => {
  test("shows each key with what it is for and its times, and no more of it", async () => {
    expect((await keys(["list"])).stdout).toMatch(/^There are no signing keys yet/);
    const server = startServer(database);
    const { kid } = await server.current();
    const [shown, told] = await Promise.all([keys(["list"]), keys(["list", "--json"])]);
    expect(shown.stdout).toMatch(
      new RegExp(`^current +ES256 +${kid} +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +it is rotated$`, "m"),
    );
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(told.json()).toEqual({
      keys: [
        ...[{ kid, algorithm: "ES256", state: "current", created_at: time, active_at: time }].map((key) => ({
          ...key,
          retired_at: null,
          expires_at: null,
        })),
      ],
    });
    expect([told.code, told.stderr]).toEqual([0, ""]);
  });

  test("says of a key under another secret that it cannot be read", async () => {
    const { kid } = await startServer(database, { secrets: [NEW_SECRET] }).current();
    const { stdout } = await keys(["list"]);
    expect(stdout).toMatch(new RegExp(`^unreadable +ES256 +${kid}`, "m"));
    expect(stdout).toContain("AUTHGRAFT_SECRET_PREVIOUS can name it");
  });

  test("needs a secret and a graft: 2 and 3", async () => {
    const { url } = await createTestDatabase({ sample: "a" });
    const environment = { AUTHGRAFT_SECRET: TEST_SECRET };
    const [missing, weak, bare] = await Promise.all([
      keys(["list"], { AUTHGRAFT_SECRET: "" }),
      keys(["list"], { AUTHGRAFT_SECRET_PREVIOUS: "canary-canary" }),
      authgraft(["keys", "list", "--database-url", url, "--json"], { environment }),
    ]);
    expect([missing.code, weak.code, bare.code]).toEqual([2, 2, 3]);
    expect(missing.said).toContain("AUTHGRAFT_SECRET is not set.");
    expect(weak.said).toContain("The previous secret needs at least 32 random bytes.");
    expect(weak.said).not.toContain("canary");
    expect(bare.json().error.code).toBe("not_grafted");
  });
});

describe("keys rotate", () => {
  test("asks first; then the new key is next, and after that current, and the old one has its grace time", async () => {
    const server = startServer(database);
    const { kid: old } = await server.current();
    const asked = await keys(["rotate"]);
    expect([asked.code, asked.said]).toEqual([2, expect.stringContaining("authgraft keys rotate --yes")]);
    const rotated = await keys(["rotate", "--yes", "--json"]);
    const { state, kid, algorithm, active_at, retired } = rotated.json();
    expect([rotated.code, state, algorithm]).toEqual([0, "rotated", "ES256"]);
    expect(retired).toEqual([{ kid: old, expires_at: expect.any(String) }]);
    expect(Date.parse(retired[0].expires_at) - Date.parse(active_at)).toBe(965_000);
    const { rows } = await database.query(
      "SELECT kid, extract(epoch FROM active_at - created_at)::int AS lead FROM authgraft.signing_keys ORDER BY created_at",
    );
    expect(rows).toEqual([
      { kid: old, lead: 0 },
      { kid, lead: 360 },
    ]);
    const listed = (await keys(["list", "--json"])).json().keys as { kid: string; state: string }[];
    expect(listed.map((key) => [key.kid, key.state])).toEqual([
      [kid, "next"],
      [old, "current"],
    ]);
  });

  test("--now and --grace say when, --compromised that the old ones end at once", async () => {
    const server = startServer(database);
    await server.current();
    const now = await keys(["rotate", "--yes", "--now", "--grace", "60"]);
    expect(now.stdout).toMatch(
      /^Done: [\w-]{43} \(ES256\) signs from .* UTC\.\n1 older key verifies until .* UTC/,
    );
    const states = async () =>
      ((await keys(["list", "--json"])).json().keys as { state: string }[]).map(({ state }) => state);
    expect(await states()).toEqual(["current", "grace"]);
    const compromised = await keys(["rotate", "--yes", "--compromised"]);
    expect(compromised.stdout).toContain("2 older keys verify nothing any more.");
    expect(await states()).toEqual(["current", "expired", "expired"]);
  });

  test("--grace 0 says that the old key goes on until the new one signs, unless that is at once", async () => {
    await startServer(database).current();
    const { stdout } = await keys(["rotate", "--yes", "--grace", "0"]);
    const [, from] = /signs from (.*) UTC\./.exec(stdout) ?? [];
    expect(stdout).toContain(`1 older key verifies until ${from} UTC at the latest.`);
    await database.query("DELETE FROM authgraft.signing_keys");
    await startServer(database).current();
    const atOnce = await keys(["rotate", "--yes", "--now", "--grace", "0"]);
    expect(atOnce.stdout).toContain("1 older key verifies nothing any more.");
  });

  test("refuses options that contradict each other, and numbers that are none: 2", async () => {
    const wrong = [
      ["--compromised", "--grace", "1"],
      ["--now", "--lead", "1"],
      ["--grace", "-1"],
      ["--lead", "soon"],
    ];
    const outcomes = await Promise.all(wrong.map((flags) => keys(["rotate", "--yes", ...flags])));
    expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect((await database.query("SELECT FROM authgraft.signing_keys")).rowCount).toBe(0);
  });

  test("makes a key of the configured algorithm", async () => {
    const config = join(directory, "authgraft.config.json");
    writeFileSync(config, JSON.stringify({ tokens: { algorithm: "EdDSA" } }));
    const rotated = await keys(["rotate", "--yes", "--json", "--config", config]);
    expect(rotated.json()).toMatchObject({ algorithm: "EdDSA", retired: [] });
  });

  test("seals under the new secret what was sealed under the one before, from files too", async () => {
    await startServer(database).current();
    const [secret, previous] = ["new", "old"].map((name) => join(directory, name)) as [string, string];
    writeFileSync(secret, `${NEW_SECRET}\n`);
    writeFileSync(previous, `${TEST_SECRET}\n`);
    const files = {
      AUTHGRAFT_SECRET: "",
      AUTHGRAFT_SECRET_FILE: secret,
      AUTHGRAFT_SECRET_PREVIOUS_FILE: previous,
    };
    const rotated = await keys(["rotate", "--yes", "--now", "--json"], files);
    const { kid } = rotated.json();
    expect(await startServer(database, { secrets: [NEW_SECRET] }).current()).toMatchObject({ kid });
    const foreign = await keys(["rotate", "--yes", "--json"]);
    expect([foreign.code, foreign.json().error.code]).toEqual([2, "secret_mismatch"]);
  });
});
