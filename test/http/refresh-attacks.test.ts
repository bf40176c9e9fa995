import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

let database: TestDatabase;
let auth: TestAuth;
let person: Person;
let stranger: Person;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
  person = await registerPerson(auth);
  stranger = await registerPerson(auth);
});
afterAll(() => auth.close());

const BYTES = 64;
const bytesOf = (token: string) => Buffer.from(token.slice(4), "base64url");
const tokenOf = (bytes: Uint8Array) => `agr_${Buffer.from(bytes).toString("base64url")}`;

/** A valid token that somebody changed: in its text, in its bytes, in its length, or put together of two. */
function mutations(): fc.Arbitrary<string> {
  const token = person.refreshToken;
  const other = stranger.refreshToken;
  const place = fc.nat(token.length - 1);
  return fc
    .oneof(
      fc
        .tuple(place, fc.string({ minLength: 1, maxLength: 3, unit: "binary" }))
        .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1)),
      fc
        .tuple(place, fc.string({ maxLength: 20 }))
        .map(([at, text]) => token.slice(0, at) + text + token.slice(at)),
      place.map((at) => token.slice(0, at)),
      fc.tuple(fc.nat(BYTES - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
        const bytes = bytesOf(token);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        return tokenOf(bytes);
      }),
      fc
        .integer({ min: 1, max: BYTES - 1 })
        .map((at) => tokenOf(Buffer.concat([bytesOf(token).subarray(0, at), bytesOf(other).subarray(at)]))),
      fc.uint8Array({ minLength: 0, maxLength: 100 }).map(tokenOf),
      fc.constantFrom(
        token.toUpperCase(),
        ` ${token}`,
        `${token} `,
        `${token}=`,
        `Bearer ${token}`,
        token.repeat(2),
      ),
    )
    .filter((mutated) => mutated !== token && mutated !== other);
}

test("a refresh token that was changed in any way: 401 wherever it is presented, never a 500, nothing in the log, and it changes nothing", async () => {
  const answers = async (token: string) => [
    (await auth.post("/v1/auth/refresh", { refresh_token: token })).status,
    (await auth.post("/v1/auth/logout", { refresh_token: token })).status,
    (await auth.send("/oauth/revoke", { method: "POST", body: new URLSearchParams({ token }) })).status,
  ];
  const presented: string[] = [];
  await fc.assert(
    fc.asyncProperty(mutations(), async (token) => {
      presented.push(token);
      // An empty form field is a form without one.
      expect(await answers(token)).toEqual([401, 204, token === "" ? 400 : 200]);
    }),
    { numRuns: 300 },
  );
  const logs = auth.logs.join("\n");
  expect(presented.filter((token) => token.length > 10 && logs.includes(token))).toEqual([]);
  expect(logs).not.toContain("agr_");
  expect(logs).not.toMatch(/"level":[56]0/);
  for (const { refreshToken } of [person, stranger]) {
    expect((await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(200);
  }
  expect((await database.query("SELECT FROM authgraft.audit_log WHERE result = 'failure'")).rowCount).toBe(0);
});

test("in a cookie too", async () => {
  await fc.assert(
    fc.asyncProperty(
      mutations().filter((token) => /^[!#-+\--:<-[\]-~]*$/.test(token)),
      async (token) => {
        const headers = { cookie: `authgraft_refresh=${token}`, origin: "http://localhost" };
        expect((await auth.post("/v1/auth/refresh", undefined, { headers })).status).toBe(401);
      },
    ),
  );
});

test("tokens that none of our secrets has made cost one look each, and lock no row", async () => {
  let [looked, locked] = [0, 0];
  const pool = watchPool(database.pool(), {
    onQuery: (text) => {
      if (text.startsWith("SELECT FROM") && text.includes("refresh_hash = $2::bytea")) looked += 1;
      if (text.includes("FOR UPDATE OF s")) locked += 1;
    },
  });
  const watched = await openAuth(database, { pool });
  const refresh = (token: string) => watched.post("/v1/auth/refresh", { refresh_token: token });
  for (let n = 0; n < 20; n += 1) await refresh(tokenOf(Buffer.alloc(BYTES, n)));
  expect([looked, locked]).toEqual([20, 0]);
  // One of ours locks its row when it was used before.
  const { refreshToken } = await registerPerson(watched);
  await refresh(refreshToken);
  await refresh(refreshToken);
  expect([looked, locked]).toEqual([20, 1]);
});
