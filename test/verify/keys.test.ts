import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { type Rotation, rotateKeys } from "../../src/tokens/keys/rotate-keys.ts";
import { keyStore } from "../../src/tokens/stored-keys.ts";
import type { OnTrouble } from "../../src/verify/trouble.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { fateOf, graftedDatabase, openVerifier, signUp, startAuthgraft, watchFetch } from "./support.ts";

const AT_ONCE: Rotation = { leadSeconds: 0, graceSeconds: 600, isCompromised: false };

async function rotate(database: TestDatabase, rotation: Rotation): Promise<void> {
  await rotateKeys(keyStore(database.pool(), parseConfiguration({}), [TEST_SECRET]), rotation, Date.now);
}

describe("when the signing key is another one", () => {
  test("tokens of both keys are valid, the new one's at once", async () => {
    const database = await graftedDatabase();
    const server = await startAuthgraft(database);
    const before = await signUp(server);
    const verifier = openVerifier(server);
    await verifier.ready();
    expect(await fateOf(verifier, before.token)).toBe("valid");
    await rotate(database, AT_ONCE);
    await eventually(async () => {
      const { token } = await signUp(server);
      expect(await fateOf(verifier, token)).toBe("valid");
      return kidOf(token);
    }).not.toBe(kidOf(before.token));
    expect(await fateOf(verifier, before.token)).toBe("valid");
  });

  test("tokens of a key in wrong hands are refused, whatever a cache says of the key set", async () => {
    const database = await graftedDatabase();
    const server = await startAuthgraft(database);
    const before = await signUp(server);
    let kept: string | undefined;
    const { fetch } = watchFetch(async (path, forward) => {
      if (path !== "/.well-known/jwks.json") return forward();
      const text = await (await forward()).text();
      // A cache that mixes up what it has kept with what is new.
      const keys = [text, kept ?? text].flatMap((set) => JSON.parse(set).keys);
      kept ??= text;
      return Response.json({ keys });
    });
    const verifier = openVerifier(server, { fetch });
    await verifier.ready();
    expect(await fateOf(verifier, before.token)).toBe("valid");
    await rotate(database, { ...AT_ONCE, isCompromised: true });
    await eventually(() => fateOf(verifier, before.token)).toBe("invalid_token");
    const after = await signUp(server);
    expect(await fateOf(verifier, after.token)).toBe("valid");
    expect(await fateOf(verifier, before.token)).toBe("invalid_token");
  });
});

test.for(["EdDSA", "RS256"] as const)("tokens may be signed with %s", async (algorithm) => {
  const server = await startAuthgraft(await graftedDatabase(), { tokens: { algorithm } });
  const { token } = await signUp(server);
  const verifier = openVerifier(server);
  await verifier.ready();
  expect(await fateOf(verifier, token)).toBe("valid");
});

test("tokens that are signed with HS256 are nobody else's to verify", async () => {
  const server = await startAuthgraft(await graftedDatabase(), { tokens: { algorithm: "HS256" } });
  const { token } = await signUp(server);
  const troubles: (string | undefined)[] = [];
  const onTrouble: OnTrouble = (trouble) => troubles.push(trouble?.message, trouble?.fix);
  const verifier = openVerifier(server, { onTrouble });
  expect(await fateOf(verifier, token)).toBe("verification_unavailable");
  await eventually(() => troubles).toEqual([
    "Authgraft answers 404 to /v1/revocations.",
    expect.stringMatching(/`url`.*`services`.*HS256/),
  ]);
});

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
}
