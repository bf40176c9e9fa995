import { beforeEach, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { findLeaks, OLD_HASH, SERVICES, walkEverywhere } from "../support/leaks.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  await database.query(
    "INSERT INTO users (username, display_name, email, password_hash) VALUES ('canary-old', 'Old', 'old@canary.example', $1)",
    [OLD_HASH],
  );
});

describe("B2: a password, a hash, a key or the secret", () => {
  test("is in no answer, no error and no log line, whichever way a request goes", async () => {
    const auth = await openAuth(database, { configuration: { services: SERVICES } });
    const walk = await walkEverywhere(auth, database);
    expect(findLeaks(walk)).toEqual([]);
    expect(walk.secrets.length).toBeGreaterThan(6);
    expect(walk.logs.length).toBeGreaterThan(walk.answers.length);
  });

  // test/http/contract.test.ts goes to every route there is.
  test("was looked for in every kind of error", async () => {
    const auth = await openAuth(database, { configuration: { services: SERVICES } });
    const { answers } = await walkEverywhere(auth, database);
    expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([
      200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 415, 422, 500, 503,
    ]);
  });
});

describe("the test above fails", () => {
  const leaksOf = async (auth: TestAuth) => new Set(findLeaks(await walkEverywhere(auth, database)));

  test("where an answer holds the hash: here a mapping calls it the display name", async () => {
    const configuration = { registration: "off", mapping: { display_name: "password_hash" } } as const;
    const leaks = await leaksOf(await openAuth(database, { configuration }));
    expect([...leaks]).toEqual(expect.arrayContaining(["POST /v1/auth/login 200", "GET /v1/users/me 200"]));
  });

  test("where a log line holds what PostgreSQL says about a failed row", async () => {
    const logs: string[] = [];
    const pool = watchPool(database.pool(), {
      onError: (error) => logs.push(JSON.stringify({ ...error, message: error.message })),
    });
    const auth = await openAuth(database, { pool });
    const walk = await walkEverywhere(auth, database);
    expect(findLeaks({ ...walk, logs })).toContain("log");
  });

  test("where a log line holds a request's body or a token", async () => {
    const auth = await openAuth(database);
    const { logs, ...walk } = await walkEverywhere(auth, database);
    const refreshToken = walk.tokens.find((token) => token.startsWith("agr_"));
    for (const token of [walk.tokens[0], refreshToken]) {
      const line = JSON.stringify({ authorization: token });
      expect(findLeaks({ ...walk, logs: [...logs, line] })).toContain("log");
    }
    expect(
      findLeaks({ ...walk, logs: [...logs, JSON.stringify({ body: { password: walk.secrets.at(-1) } })] }),
    ).toContain("log");
  });
});
