import { describe, expect, test } from "vitest";
import { sessionKey, tokenKey, userKey } from "../../../src/tokens/revocations/revocation-key.ts";

const SESSION = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

describe("the key of a revocation", () => {
  // From coreutils: printf '%s' "jti 7Q3-example" | sha256sum | cut -c1-24, and so on.
  test("is the first 12 bytes of the SHA-256 of what is revoked", () => {
    expect(tokenKey("7Q3-example")).toEqual([0x914788e5, 0xa6cd942c, 0x5443ee9a]);
    expect(sessionKey(SESSION)).toEqual([0x187c5fae, 0xe7bb19f2, 0x1c14e096]);
    expect(userKey("9007199254740993")).toEqual([0x1dca0eb4, 0xa507ccdc, 0x1072d05b]);
  });

  test("takes an id that is not ASCII as UTF-8", () => {
    expect(userKey("Zoë")).toEqual([0x115b2097, 0x0dba2468, 0x3114cfa5]);
  });

  test("tells a token, a session and a user of the same id apart", () => {
    const keys = [tokenKey, sessionKey, userKey].map((keyOf) => keyOf(SESSION).join());
    expect(new Set(keys).size).toBe(3);
  });
});
