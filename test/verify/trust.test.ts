import { hash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
import type { VerificationUnavailableError, VerifierOptions } from "../../src/verify/verifier.ts";
import { eventually } from "../support/eventually.ts";
import { resign, signingKeyOf } from "../support/forge.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { basic, SHOP, STAFF } from "../support/service.ts";
import {
  fateOf,
  graftedDatabase,
  logOut,
  openVerifier,
  type Person,
  signUp,
  startAuthgraft,
  watchFetch,
} from "./support.ts";

const FEED = "/v1/revocations";
const SECURE = "https://elsewhere.example.com/v1/revocations";

function polls(paths: readonly string[]): number {
  return paths.filter((path) => path === FEED).length;
}

let database: TestDatabase;
let server: RunningServer;

beforeAll(async () => {
  database = await graftedDatabase();
  server = await startAuthgraft(database);
});
afterAll(() => server.close());

interface Meddling {
  readonly person: Person;
  /** An answer of the server's from before. */
  readonly old: string;
}

type Answer = (good: string, meddling: Meddling) => string | Promise<string>;

const edited = async (good: string, header: object, claims: object) => {
  const { privateKey } = await signingKeyOf(database);
  return resign(good, privateKey, { header: { ...header }, claims: { ...claims } });
};

const FORGED: readonly (readonly [string, Answer])[] = [
  ["yesterday's, signed as it is", (_, { old }) => old],
  ["one whose list was emptied on the way", (good) => tampered(good, { revoked: "" })],
  ["one for another service", (good) => askAs(STAFF, nonceOf(good))],
  ["one without the nonce", (good) => edited(good, {}, { nonce: undefined })],
  ["one with another nonce", (good) => edited(good, {}, { nonce: "n" })],
  ["one of another issuer", (good) => edited(good, {}, { iss: "https://elsewhere.example.com" })],
  ["one of another type", (good) => edited(good, { typ: "at+jwt" }, {})],
  [
    "one that is not everything where everything was asked for",
    (good) => edited(good, {}, { complete: false }),
  ],
  ["an access token", (_, { person }) => person.token],
  ["one that is signed by nobody", (good) => unsigned(good)],
  ["one that is signed with the public key as a secret", (good) => signedByPublicKey(good)],
  ["one with half an entry", (good) => edited(good, {}, { revoked: "AAAA" })],
  ["no JWS at all", () => "<html>Please sign in to this network.</html>"],
  ["nothing", () => ""],
];

describe("an answer about revocations is not believed", () => {
  test("where it is not Authgraft's, for this service, to this question", async () => {
    const old = await askAs(SHOP, "yesterday");
    const person = await signUp(server);
    await logOut(server, person.token);
    const fates = FORGED.map(async ([name, forge]) => {
      const { fetch, paths } = watchFetch(async (path, forward) => {
        if (path !== FEED) return forward();
        return new Response(await forge(await (await forward()).text(), { person, old }));
      });
      const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 0.5 });
      const fate = await fateOf(verifier, person.token);
      await eventually(() => paths.filter((path) => path === FEED).length).toBeGreaterThan(2);
      const { age, entries } = verifier.state();
      return [name, fate, age, entries];
    });
    expect(await Promise.all(fates)).toEqual(
      FORGED.map(([name]) => [name, "verification_unavailable", Number.POSITIVE_INFINITY, 0]),
    );
  });

  test("where it is as it should be, it is", async () => {
    const { fetch } = watchFetch(async (path, forward) =>
      path === FEED ? new Response(await edited(await (await forward()).text(), {}, {})) : forward(),
    );
    await openVerifier(server, { fetch }).ready();
  });

  test("where it was kept since, by a verifier that knows better", async () => {
    const { token } = await signUp(server);
    let kept: string | undefined;
    let isMeddling = false;
    const { fetch } = watchFetch(async (path, forward) => {
      if (path.endsWith("/stream")) return new Response(null, { status: 502 });
      if (path !== FEED) return forward();
      const text = await (await forward()).text();
      kept ??= text;
      return new Response(isMeddling ? kept : text);
    });
    const verifier = openVerifier(server, { fetch });
    await verifier.ready();
    expect(await fateOf(verifier, token)).toBe("valid");
    isMeddling = true;
    await logOut(server, token);
    await eventually(() => fateOf(verifier, token)).toBe("invalid_token");
    await eventually(() => verifier.state().age).toBeGreaterThan(2_000);
    expect(await fateOf(verifier, token)).toBe("invalid_token");
  });
});

describe("a stream that somebody else writes", () => {
  test("refuses no token: it only brings the next poll", async () => {
    const { token } = await signUp(server);
    const key = hash("sha256", `jti ${decodeJwt(token).jti}`, "buffer").subarray(0, 12);
    const entry = Buffer.concat([key, Buffer.alloc(8, 0xff)]).toString("base64url");
    const told = Promise.withResolvers<void>();
    const { fetch, paths } = watchFetch(async (path, forward) => {
      if (!path.endsWith("/stream")) return forward();
      const forged = async function* () {
        await told.promise;
        yield Buffer.from(`event: revoked\ndata: ${entry}\n\n`.repeat(1_000));
        await new Promise(() => undefined);
      };
      return new Response(ReadableStream.from(forged()));
    });
    const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 60 });
    await verifier.ready();
    await eventually(() => verifier.state().streaming).toBe(true);
    await eventually(() => polls(paths)).toBe(2);
    told.resolve();
    await eventually(() => polls(paths)).toBe(3);
    expect(await fateOf(verifier, token)).toBe("valid");
    // A thousand events are one bell, and the second one that may follow it.
    await setTimeout(500);
    expect(polls(paths)).toBeLessThan(5);
    expect(await fateOf(verifier, token)).toBe("valid");
  });

  test("is closed where an event does not end, and opened again", async () => {
    let sent = 0;
    const { fetch, paths } = watchFetch(async (path, forward) => {
      if (!path.endsWith("/stream")) return forward();
      const endless = async function* () {
        for (; ; sent += 10_000) yield Buffer.alloc(10_000, "data: AAAA\n");
      };
      return new Response(ReadableStream.from(endless()));
    });
    const verifier = openVerifier(server, { fetch });
    await verifier.ready();
    const streams = () => paths.filter((path) => path.endsWith("/stream")).length;
    await eventually(streams).toBeGreaterThan(2);
    expect(sent / streams()).toBeLessThan(100_000);
  });
});

describe("whoever runs a service", () => {
  const troublesWith = async (options: Partial<VerifierOptions>) => {
    const troubles: (VerificationUnavailableError | null)[] = [];
    const { fetch = globalThis.fetch } = options;
    const paths: string[] = [];
    const watched: typeof fetch = (input, init) => {
      paths.push(new URL(String(input)).pathname);
      return fetch(input, init);
    };
    openVerifier(server, { ...options, fetch: watched, onTrouble: (trouble) => troubles.push(trouble) });
    await eventually(() => polls(paths)).toBeGreaterThan(3);
    return troubles;
  };

  test.for([
    ["the issuer is another one", { issuer: "https://elsewhere.example.com" }, /another issuer/, /`issuer`/],
    ["the address redirects", { fetch: async () => Response.redirect(SECURE) }, /redirects/, /`url`/],
    ["the clock is wrong", { now: () => Date.now() - 90_000 }, /clock .* more than a minute/, /clocks right/],
    ["nothing answers", { url: "http://127.0.0.1:1" }, /does not answer/, /reaches it at `url`/],
  ] as const)("is told once, and what to do, when %s", async ([, options, message, fix]) => {
    const troubles = await troublesWith(options);
    expect(troubles).toMatchObject([
      { message: expect.stringMatching(message), fix: expect.stringMatching(fix) },
    ]);
  });

  test("is told of each kind of trouble once, and may fail to take it", async () => {
    const told: (string | undefined)[] = [];
    const statuses = [503, 502, 503, 502];
    const { fetch } = watchFetch(async (path, forward) => {
      const status = path === FEED ? statuses.shift() : undefined;
      return status === undefined ? forward() : new Response(null, { status });
    });
    const verifier = openVerifier(server, {
      fetch,
      onTrouble: (trouble) => {
        told.push(trouble?.message);
        if (told.length > 1) throw new Error("the log is full");
        return Promise.reject(new Error("the log is full")) as never;
      },
    });
    await verifier.ready();
    await eventually(() => told.length).toBe(3);
    expect(told[2]).toBeUndefined();
    const { token } = await signUp(server);
    expect(await fateOf(verifier, token)).toBe("valid");
  });
});

test.for([undefined, null, 7, {}])("what is no text is no token: %j", async (token) => {
  const verifier = openVerifier(server);
  await expect(verifier.verify(token as never)).rejects.toMatchObject({
    ...{ name: "SignInError", code: "invalid_token" },
  });
});

test("an answer about a token is not believed where it is about another one", async () => {
  const { token } = await signUp(server);
  const changes = [
    ...[{ jti: "another" }, { sub: "1" }, { sid: "another" }, { gen: 7 }, { exp: 1 }, { iat: 1 }],
    ...[{ iss: "https://elsewhere.example.com" }, { aud: "x" }, { client_id: "x" }, { active: "yes" }, null],
  ];
  const fates = changes.map(async (change) => {
    let polls = 0;
    const { fetch } = watchFetch(async (path, forward) => {
      if (path === FEED) polls += 1;
      if (path === FEED && polls > 1) return new Response(null, { status: 502 });
      if (path !== "/oauth/introspect") return forward();
      return Response.json(change && { ...((await (await forward()).json()) as object), ...change });
    });
    const verifier = openVerifier(server, { fetch, maxStalenessSeconds: 0.5 });
    await verifier.ready();
    await eventually(() => verifier.state().age).toBeGreaterThan(500);
    return fateOf(verifier, token);
  });
  expect(await Promise.all(fates)).toEqual(changes.map(() => "verification_unavailable"));
});

async function askAs(service: typeof SHOP, nonce: string): Promise<string> {
  const response = await fetch(`${server.url}${FEED}?nonce=${nonce}`, { headers: basic(service) });
  return response.text();
}

function nonceOf(snapshot: string): string {
  return String(decodeJwt(snapshot).nonce);
}

function tampered(snapshot: string, change: object): string {
  const [header, , signature] = snapshot.split(".");
  const payload = Buffer.from(JSON.stringify({ ...decodeJwt(snapshot), ...change })).toString("base64url");
  return [header, payload, signature].join(".");
}

function unsigned(snapshot: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: "revocations+jwt" })).toString("base64url");
  return `${header}.${snapshot.split(".")[1]}.`;
}

async function signedByPublicKey(snapshot: string): Promise<string> {
  const { kid, publicJwk } = await signingKeyOf(database);
  return new SignJWT(decodeJwt(snapshot))
    .setProtectedHeader({ alg: "HS256", typ: "revocations+jwt", kid })
    .sign(Buffer.from(JSON.stringify(publicJwk)));
}
