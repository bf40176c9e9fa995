import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
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
