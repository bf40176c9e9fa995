import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRefresh } from "../../src/tokens/decide-refresh.ts";
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
    expect(createRefreshTokens([OLD]).read(token)).not.toBeNull();
    expect(createRefreshTokens([NEW, OLD]).read(token)).not.toBeNull();
    expect(createRefreshTokens([NEW]).read(token)).toBeNull();
  });

  test("has the same successor wherever it is worked out, which is a token of the same session", () => {
    const presented = read(tokens.make(id).token);
    const [successor] = presented.successors;
    expect(createRefreshTokens([OLD]).read(successor.token)).toMatchObject({ sessionId: id });
    expect(read(tokens.make(id).token).successors[0].token).not.toBe(successor.token);
  });

  test("changed in any one character is none", () => {
    const { token } = tokens.make(id);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(..."Ab9-_=.+/ é\0"), (place, character) => {
        fc.pre(token[place] !== character);
        expect(tokens.read(token.slice(0, place) + character + token.slice(place + 1))).toBeNull();
      }),
    );
  });

  test("is none of any other text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => tokens.read(text) === null));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 60, maxLength: 68 }),
        (bytes) => tokens.read(`agr_${Buffer.from(bytes).toString("base64url")}`) === null,
      ),
    );
  });
});

describe("the decision", () => {
  const first = tokens.make(id);
  const presented = read(first.token);
  const [second] = presented.successors;
  const [third] = read(second.token).successors;
  const used = (hash: Uint8Array, ago: number) => ({ hash: textOf(hash), at: NOW - ago });

  test("rotates the token whose turn it is, and forgets those used more than ten seconds ago", () => {
    const old = used(Buffer.alloc(32, 1), 10_001);
    const recent = used(Buffer.alloc(32, 2), 10_000);
    expect(decideRefresh(presented, { current: first.hash, used: [recent, old] }, NOW)).toEqual({
      kind: "rotate",
      successor: second,
      used: [used(first.hash, 0), recent],
    });
  });

  test.each([
    ["a moment ago", 10_000, "repeat"],
    ["more than ten seconds ago", 10_001, "reuse"],
    ["by a clock that is ahead", -60_000, "repeat"],
  ])("about a token used %s", (_, ago, kind) => {
    const stored = { current: second.hash, used: [used(first.hash, ago)] };
    expect(decideRefresh(presented, stored, NOW).kind).toBe(kind);
  });

  test("repeats the successor although that was used as well by now", () => {
    const stored = { current: third.hash, used: [used(second.hash, 5), used(first.hash, 10)] };
    expect(decideRefresh(presented, stored, NOW)).toEqual({ kind: "repeat", successor: second });
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
    expect(decideRefresh(both, stored, NOW)).toEqual({ kind: "repeat", successor: second });
    const [underNew] = both.successors;
    expect(decideRefresh(presented, { ...stored, current: underNew.hash }, NOW).kind).toBe("unknown");
  });

  test("keeps a bounded list, whoever refreshes in a loop", () => {
    const many = Array.from({ length: 100 }, (_, n) => used(Buffer.alloc(32, n), n));
    const decision = decideRefresh(presented, { current: first.hash, used: many }, NOW);
    expect(decision).toMatchObject({ kind: "rotate" });
    if (decision.kind === "rotate") expect(decision.used).toHaveLength(100);
  });
});
