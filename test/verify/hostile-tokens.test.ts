import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/cli/serve.ts";
import type { KeyPair } from "../../src/tokens/sealed-key.ts";
import { SignInError, type Verifier } from "../../src/verify/verifier.ts";
import { assemble, resign, signingKeyOf } from "../support/forge.ts";
import { graftedDatabase, openVerifier, signUp, startAuthgraft } from "./support.ts";

let server: RunningServer;
let key: KeyPair;
let token: string;

beforeAll(async () => {
  const database = await graftedDatabase();
  server = await startAuthgraft(database);
  token = (await signUp(server)).token;
  key = await signingKeyOf(database);
});
afterAll(() => server.close());

async function opened(): Promise<Verifier> {
  const verifier = openVerifier(server);
  await verifier.ready();
  await verifier.verify(token);
  return verifier;
}

/** Fails unless a token is refused as every other bad one is, without a word about it. */
async function expectRefusal(verifier: Verifier, bad: string): Promise<void> {
  const error: unknown = await verifier.verify(bad).then(
    () => "accepted",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SignInError);
  expect(error).toMatchObject({ code: "invalid_token", message: "The access token is not valid." });
}

describe("a token that is not Authgraft's is refused, and does nothing else", () => {
  test("whatever was changed in it", async () => {
    const verifier = await opened();
    const change = fc.record({
      at: fc.nat(token.length - 1),
      drop: fc.nat(3),
      put: fc.string({ maxLength: 3, unit: "binary" }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, drop, put }) => {
        const bad = token.slice(0, at) + put + token.slice(at + drop);
        if (bad !== token) await expectRefusal(verifier, bad);
      }),
      { numRuns: 300 },
    );
  });

  test("whatever it is made of", async () => {
    const verifier = await opened();
    const part = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(...token.split(".")));
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(part, { maxLength: 5 }).map((parts) => parts.join(".")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (bad) => {
        if (bad !== token) await expectRefusal(verifier, bad);
      }),
      { numRuns: 300 },
    );
    await expectRefusal(verifier, "x".repeat(1_000_000));
    await expectRefusal(verifier, undefined as unknown as string);
  });

  test("whatever its header says", async () => {
    const verifier = await opened();
    const known = { alg: key.algorithm, typ: "at+jwt", kid: key.kid };
    for (const header of [
      ...[{ alg: "none" }, { alg: "HS256" }, { alg: "RS256" }, { typ: "JWT" }, { typ: "revocations+jwt" }],
      ...[{ kid: "x" }, { kid: undefined }, { crit: ["urn:example:must"], "urn:example:must": 1 }],
      { kid: undefined, jwk: key.publicJwk, jku: "https://keys.example.com" },
    ])
      await expectRefusal(verifier, assemble({ ...known, ...header }, { sub: "1" }, token.split(".")[2]));
    for (const header of [{ typ: "JWT" }, { typ: "revocations+jwt" }])
      await expectRefusal(verifier, await resign(token, key.privateKey, { header }));
  });

  test("however well it is signed, where a claim is wrong or missing", async () => {
    const verifier = await opened();
    const now = Math.floor(Date.now() / 1_000);
    for (const claims of [
      ...["sub", "client_id", "iat", "exp", "jti", "sid", "gen", "iss", "aud"].map((name) => ({
        [name]: undefined,
      })),
      ...[{ iss: "x" }, { aud: "x" }, { client_id: "x" }, { sid: "x" }, { gen: "0" }, { gen: 0.5 }],
      ...[{ exp: now - 60 }, { iat: now + 600 }, { nbf: now + 600 }, { sub: 1 }, { jti: null }],
    ])
      await expectRefusal(verifier, await resign(token, key.privateKey, { claims }));
    expect(await verifier.verify(await resign(token, key.privateKey, {}))).toMatchObject({ generation: 0 });
  });

  test("by a key that nobody knows, at no more than one question a second", async () => {
    const asked: string[] = [];
    const verifier = openVerifier(server, {
      fetch: (input, init) => {
        asked.push(new URL(String(input)).pathname);
        return fetch(input, init);
      },
    });
    await verifier.ready();
    const { length } = asked;
    const since = performance.now();
    const bad = Array.from({ length: 200 }, (_, n) =>
      assemble({ alg: "ES256", typ: "at+jwt", kid: String(n).padStart(43, "A") }, { sub: "1" }, "AA"),
    );
    await Promise.all(bad.map((one) => expectRefusal(verifier, one)));
    const questions = asked.slice(length).filter((path) => path === "/.well-known/jwks.json").length;
    expect(questions).toBeLessThanOrEqual(1 + (performance.now() - since) / 1_000);
  });
});
