import { setTimeout } from "node:timers/promises";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
import { eventually } from "../support/eventually.ts";
import { renewGraft } from "../support/feed.ts";
import type { TestDatabase } from "../support/postgres.ts";
import {
  fateOf,
  graftedDatabase,
  logIn,
  logOut,
  openVerifier,
  signUp,
  startAuthgraft,
  watchFetch,
} from "./support.ts";

const INTROSPECTION = "/oauth/introspect";

let database: TestDatabase;
let server: RunningServer;

beforeAll(async () => {
  database = await graftedDatabase();
  server = await startAuthgraft(database);
});
afterAll(() => server.close());

describe("a service without a database", () => {
  test("knows a valid token from memory, and what it says", async () => {
    const { token, id } = await signUp(server);
    const { fetch, paths } = watchFetch();
    const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 60 });
    await verifier.ready();
    const { jti, sid, gen, iat, exp } = decodeJwt(token);
    for (let time = 0; time < 3; time += 1)
      expect(await verifier.verify(token)).toEqual({
        ...{ userId: id, tokenId: jti, sessionId: sid, generation: gen, issuedAt: iat, expiresAt: exp },
      });
    expect(paths).not.toContain(INTROSPECTION);
    expect(verifier.state().age).toBeLessThan(60_000);
    await eventually(() => verifier.state().streaming).toBe(true);
  });

  test("asks about a token where what it knows is too old", async () => {
    const { token } = await signUp(server);
    const { fetch, paths } = watchFetch(async (path, forward) => {
      if (path === "/v1/revocations" && paths.filter((one) => one === path).length > 1)
        return new Response(null, { status: 503 });
      return forward();
    });
    const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 0.5 });
    await verifier.ready();
    await eventually(() => verifier.state().age).toBeGreaterThan(500);
    expect(await fateOf(verifier, token)).toBe("valid");
    expect(paths).toContain(INTROSPECTION);
    await logOut(server, token);
    expect(await fateOf(verifier, token)).toBe("invalid_token");
  });

  test.for([
    [
      "its jti is put into revoked_tokens by hand",
      "INSERT INTO revoked_tokens (user_id, jti, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
    ],
    [
      "its session is ended",
      "UPDATE authgraft.sessions SET ended_at = now() WHERE user_id = $1 AND $2 <> ''",
    ],
    [
      "the user's token generation rises",
      "INSERT INTO authgraft.accounts (user_id, token_generation) SELECT $1, 1 WHERE $2 <> ''",
    ],
    [
      "the account is disabled",
      "INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT $1, now() WHERE $2 <> ''",
    ],
    ["the old application deletes the user", "DELETE FROM users WHERE id = $1 AND $2 <> ''"],
  ] as const)("refuses a token when %s", async ([, sql]) => {
    const [person, other] = [await signUp(server), await signUp(server)];
    const verifier = openVerifier(server);
    await verifier.ready();
    expect(await fateOf(verifier, person.token)).toBe("valid");
    await database.query(sql, [person.id, decodeJwt(person.token).jti]);
    await eventually(() => fateOf(verifier, person.token)).toBe("invalid_token");
    expect(await fateOf(verifier, other.token)).toBe("valid");
  });

  test("refuses a token that was logged out, and no other of that user", async () => {
    const person = await signUp(server);
    const second = await logIn(server, person);
    const verifier = openVerifier(server);
    await verifier.ready();
    await logOut(server, person.token);
    await eventually(() => fateOf(verifier, person.token)).toBe("invalid_token");
    expect(await fateOf(verifier, second)).toBe("valid");
  });

  test("takes the tokens that follow a raised generation", async () => {
    const person = await signUp(server);
    const verifier = openVerifier(server);
    await verifier.ready();
    await database.query("INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 3)", [
      person.id,
    ]);
    await eventually(() => fateOf(verifier, person.token)).toBe("invalid_token");
    expect(await fateOf(verifier, await logIn(server, person))).toBe("valid");
  });

  test("is told by polling where no stream reaches it", async () => {
    const { token } = await signUp(server);
    const { fetch } = watchFetch((path, forward) =>
      path.endsWith("/stream") ? new Promise(() => undefined) : forward(),
    );
    const verifier = openVerifier(server, { fetch });
    await verifier.ready();
    expect(await fateOf(verifier, token)).toBe("valid");
    await logOut(server, token);
    await eventually(() => fateOf(verifier, token)).toBe("invalid_token");
    expect(verifier.state().streaming).toBe(false);
  });

  test("is told by the stream before it polls", async () => {
    const { token } = await signUp(server);
    let [isOver, isTold] = [false, false];
    const { fetch } = watchFetch(async (path, forward) => {
      // A poll that the stream did not bring is answered with nothing.
      if (path === "/v1/revocations" && isOver && !isTold) return new Response(null, { status: 503 });
      const response = await forward();
      if (!path.endsWith("/stream")) return response;
      const watched = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, out) {
          if (isOver && Buffer.from(chunk).includes("event: revoked")) isTold = true;
          out.enqueue(chunk);
        },
      });
      return new Response(response.body?.pipeThrough(watched) ?? null, response);
    });
    const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 60 });
    await verifier.ready();
    await eventually(() => verifier.state().streaming).toBe(true);
    expect(await fateOf(verifier, token)).toBe("valid");
    isOver = true;
    await logOut(server, token);
    await eventually(() => fateOf(verifier, token)).toBe("invalid_token");
  });

  test("reads everything anew when its clock was set back, and asks about tokens until then", async () => {
    const { token } = await signUp(server);
    let behind = 0;
    const questions: URL[] = [];
    const isBlocked = () => behind > 0 && !questions.some(({ pathname }) => pathname === INTROSPECTION);
    const verifier = openVerifier(server, {
      now: () => Date.now() - behind,
      fetch: async (input, init) => {
        const url = new URL(String(input));
        if (url.pathname === "/v1/revocations" && isBlocked()) return new Response(null, { status: 502 });
        questions.push(url);
        return fetch(input, init);
      },
    });
    await verifier.ready();
    expect(await fateOf(verifier, token)).toBe("valid");
    const from = questions.length;
    behind = 3_000;
    expect(verifier.state().age).toBe(Number.POSITIVE_INFINITY);
    expect(await fateOf(verifier, token)).toBe("valid");
    await eventually(() => verifier.state().age).toBeLessThan(2_000);
    const asked = questions.slice(from);
    expect(asked.map(({ pathname }) => pathname)).toContain(INTROSPECTION);
    const [first] = asked.filter(({ pathname }) => pathname === "/v1/revocations");
    expect(first?.searchParams.has("after")).toBe(false);
  });

  test("asks about tokens that are older than the graft, and about every one after a TRUNCATE", async () => {
    const young = await graftedDatabase();
    await renewGraft(young);
    const own = await startAuthgraft(young);
    const { token } = await signUp(own);
    const { fetch, paths } = watchFetch();
    const verifier = openVerifier(own, { fetch });
    await verifier.ready();
    expect(await fateOf(verifier, token)).toBe("valid");
    expect(paths).toContain(INTROSPECTION);
    await young.query("TRUNCATE authgraft.sessions CASCADE");
    await eventually(() => fateOf(verifier, token)).toBe("invalid_token");
  });

  test("asks about each token where users are marked as deleted", async () => {
    const marking = await graftedDatabase("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    const own = await startAuthgraft(marking);
    const { token, id } = await signUp(own);
    const { fetch, paths } = watchFetch();
    const verifier = openVerifier(own, { fetch });
    await verifier.ready();
    await Promise.all([1, 2, 3].map(() => verifier.verify(token)));
    expect(paths.filter((path) => path === INTROSPECTION).length).toBe(1);
    await marking.query("UPDATE users SET deleted_at = now() WHERE id = $1", [id]);
    await eventually(() => fateOf(verifier, token)).toBe("invalid_token");
  });

  test("takes no answer about a token for newer than its question", async () => {
    const marking = await graftedDatabase("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    const own = await startAuthgraft(marking);
    const { token, id } = await signUp(own);
    const late = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    let questions = 0;
    const { fetch } = watchFetch(async (path, forward) => {
      if (path !== INTROSPECTION) return forward();
      questions += 1;
      const answer = await forward();
      asked.resolve();
      await late.promise;
      return answer;
    });
    let ahead = 0;
    const verifier = openVerifier(own, { fetch, maxStalenessSeconds: 10, now: () => Date.now() + ahead });
    await verifier.ready();
    const early = fateOf(verifier, token);
    await asked.promise;
    await marking.query("UPDATE users SET deleted_at = now() WHERE id = $1", [id]);
    ahead = 5_000;
    const joining = fateOf(verifier, token);
    // Long enough for it to join.
    await setTimeout(50);
    late.resolve();
    expect(await Promise.all([early, joining])).toEqual(["valid", "valid"]);
    expect(questions).toBe(1);
    // Past the bound since the question, and within it since the second caller came.
    ahead = 10_100;
    await eventually(() => verifier.state().age).toBeLessThan(4_000);
    expect(await fateOf(verifier, token)).toBe("invalid_token");
  });

  test("asks anew where the answer to somebody else's question is past the bound", async () => {
    const marking = await graftedDatabase("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    const own = await startAuthgraft(marking);
    const { token, id } = await signUp(own);
    const late = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { fetch } = watchFetch(async (path, forward) => {
      const answer = await forward();
      if (path !== INTROSPECTION) return answer;
      asked.resolve();
      await late.promise;
      return answer;
    });
    const verifier = openVerifier(own, { fetch, maxStalenessSeconds: 0.5 });
    await verifier.ready();
    const early = fateOf(verifier, token);
    await asked.promise;
    await marking.query("UPDATE users SET deleted_at = now() WHERE id = $1", [id]);
    await setTimeout(510);
    const joining = fateOf(verifier, token);
    await setTimeout(50);
    late.resolve();
    expect(await Promise.all([early, joining])).toEqual(["valid", "invalid_token"]);
  });

  test("takes in a large feed, and much that is new at once", async () => {
    const large = await graftedDatabase();
    const own = await startAuthgraft(large);
    const { token, id } = await signUp(own);
    await large.query(
      `INSERT INTO revoked_tokens (user_id, jti, expires_at)
       SELECT $1, CASE n WHEN 20000 THEN $2 ELSE gen_random_uuid()::text END, now() + interval '1 hour'
         FROM generate_series(1, 20000) n`,
      [id, decodeJwt(token).jti],
    );
    const verifier = openVerifier(own);
    await verifier.ready();
    expect(verifier.state().entries).toBe(20_000);
    expect(await fateOf(verifier, token)).toBe("invalid_token");
    const next = await signUp(own);
    expect(await fateOf(verifier, next.token)).toBe("valid");
    await large.query(
      `INSERT INTO revoked_tokens (user_id, jti, expires_at)
       SELECT $1, gen_random_uuid()::text, now() + interval '1 hour' FROM generate_series(1, 3000) n`,
      [next.id],
    );
    await eventually(() => verifier.state().entries).toBe(23_000);
  });
});
