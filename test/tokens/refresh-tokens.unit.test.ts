import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRefresh, type RefreshDecision } from "../../src/tokens/decide-refresh.ts";
import { createRefreshTokens, type PresentedRefreshToken } from "../../src/tokens/refresh-tokens.ts";

const OLD = "kJ3v-not-a-real-secret-x8Qz-only-for-tests-p5Lw";
const NEW = "pW7y-another-secret-Lr4u-only-for-tests-m2Nd";
const NOW = 1_900_000_000_000;

const tokens = createRefreshTokens([OLD]);
const id = randomUUID();

function read(token: string, from = tokens): PresentedRefreshToken {
  const presented = from.read(token);
  if (presented === null) throw new Error("none of ours");
  return presented;
}

const textOf = (hash: Uint8Array) => Buffer.from(hash).toString("base64url");

describe("a refresh token", () => {
  test("is agr_ and 86 characters, names its session, and is never the same twice", () => {
    const { token, hash } = tokens.make(id);
    expect(token).toMatch(/^agr_[\w-]{86}$/);
    expect(read(token)).toMatchObject({ sessionId: id, hash });
    expect(tokens.make(id).token).not.toBe(token);
  });

  test("is known by every server of the same secret, and by none of another", () => {
    const { token } = tokens.make(id);
    expect(read(token, createRefreshTokens([OLD])).isOurs).toBe(true);
    expect(read(token, createRefreshTokens([NEW, OLD])).isOurs).toBe(true);
    expect(read(token, createRefreshTokens([NEW]))).toMatchObject({ isOurs: false, sessionId: id });
  });

  test("has the same successor wherever it is worked out, which is a token of the same session", () => {
    const presented = read(tokens.make(id).token);
    const [successor] = presented.successors();
    expect(createRefreshTokens([OLD]).read(successor.token)).toMatchObject({ sessionId: id });
    expect(read(tokens.make(id).token).successors()[0].token).not.toBe(successor.token);
  });

  test("changed in any one character is none of ours, and has another hash", () => {
    const { token, hash } = tokens.make(id);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(..."Ab9-_=.+/ é\0"), (place, character) => {
        fc.pre(token[place] !== character);
        const changed = tokens.read(token.slice(0, place) + character + token.slice(place + 1));
        expect(changed === null || (!changed.isOurs && textOf(changed.hash) !== textOf(hash))).toBe(true);
      }),
    );
  });

  test("is none of any other text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => tokens.read(text) === null));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 60, maxLength: 68 }),
        (bytes) => tokens.read(`agr_${Buffer.from(bytes).toString("base64url")}`)?.isOurs !== true,
      ),
    );
  });
});

const kindAndToken = (decision: RefreshDecision) => [
  decision.kind,
  "successor" in decision ? decision.successor.token : null,
];

describe("the decision", () => {
  const first = tokens.make(id);
  const presented = read(first.token);
  const [second] = presented.successors();
  const [third] = second.successors();
  const used = (hash: Uint8Array, ago: number) => ({ hash: textOf(hash), at: NOW - ago });

  test("rotates the token whose turn it is, and forgets those used more than ten seconds ago", () => {
    const old = used(Buffer.alloc(32, 1), 10_001);
    const recent = used(Buffer.alloc(32, 2), 10_000);
    const decision = decideRefresh(presented, { current: first.hash, used: [recent, old] }, NOW);
    expect(kindAndToken(decision)).toEqual(["rotate", second.token]);
    expect(decision).toMatchObject({ used: [used(first.hash, 0), recent] });
  });

  test.each([
    ["a moment ago", 10_000, "repeat"],
    ["more than ten seconds ago", 10_001, "reuse"],
    ["by a clock that is ahead", -60_000, "repeat"],
  ])("about a token used %s", (_, ago, kind) => {
    const stored = { current: second.hash, used: [used(first.hash, ago)] };
    expect(decideRefresh(presented, stored, NOW).kind).toBe(kind);
  });

  test("answers the one that may be used now where the successor was used as well by now", () => {
    const stored = { current: third.hash, used: [used(second.hash, 5), used(first.hash, 10)] };
    expect(kindAndToken(decideRefresh(presented, stored, NOW))).toEqual(["repeat", third.token]);
  });

  test("lets a token whose secret has gone have its turn, and no stranger's text end a session", () => {
    const elsewhere = read(first.token, createRefreshTokens([NEW]));
    expect(decideRefresh(elsewhere, { current: first.hash, used: [] }, NOW).kind).toBe("rotate");
    expect(decideRefresh(elsewhere, { current: third.hash, used: [] }, NOW).kind).toBe("unknown");
  });

  test("knows reuse by the tag alone, when nothing is stored of the token any more", () => {
    expect(decideRefresh(presented, { current: third.hash, used: [] }, NOW)).toEqual({ kind: "reuse" });
  });

  test("says nothing of a session without refresh tokens", () => {
    expect(decideRefresh(presented, { current: null, used: [] }, NOW)).toEqual({ kind: "unknown" });
  });

  test("repeats the successor that was made, under whichever secret that was", () => {
    const stored = { current: second.hash, used: [used(first.hash, 5)] };
    const both = read(first.token, createRefreshTokens([NEW, OLD]));
    expect(kindAndToken(decideRefresh(both, stored, NOW))).toEqual(["repeat", second.token]);
    const [underNew] = both.successors();
    expect(decideRefresh(presented, { ...stored, current: underNew.hash }, NOW).kind).toBe("unknown");
  });

  test("keeps a bounded list, whoever refreshes in a loop", () => {
    const many = Array.from({ length: 100 }, (_, n) => used(Buffer.alloc(32, n), n));
    const decision = decideRefresh(presented, { current: first.hash, used: many }, NOW);
    expect(decision).toMatchObject({ kind: "rotate" });
    if (decision.kind === "rotate") expect(decision.used).toHaveLength(100);
  });
});
