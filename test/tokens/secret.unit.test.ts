import { describe, expect, test } from "vitest";
import { createAuth } from "../../src/auth.ts";
import { deriveKey, requireSecrets } from "../../src/tokens/secret.ts";

describe("a secret", () => {
  test.each([
    ["nothing", ""],
    ["31 bytes", "abcdefghijklmnopqrstuvwxyz01234"],
    ["one character many times", "x".repeat(64)],
    ["a short pattern many times", "1234567".repeat(10)],
  ])("of %s is refused before anything is opened (48)", async (_, secret) => {
    const opening = createAuth({ database: "postgres://nobody@localhost:1/none", secret });
    await expect(opening).rejects.toMatchObject({
      code: "secret_weak",
      fix: expect.stringContaining("openssl rand"),
    });
  });

  test("of 32 bytes is taken, and never repeated in a message", async () => {
    expect(() => requireSecrets("abcdefghijklmnopqrstuvwxyz012345")).not.toThrow();
    const weak = "a weak but telling one";
    await expect(createAuth({ database: "x", secret: weak })).rejects.not.toThrow(weak);
  });

  test("makes a different key for each purpose, and the same one each time", () => {
    const secret = "abcdefghijklmnopqrstuvwxyz012345";
    expect(deriveKey(secret, "signing keys")).toEqual(deriveKey(secret, "signing keys"));
    expect(deriveKey(secret, "signing keys")).not.toEqual(deriveKey(secret, "refresh tokens"));
    expect(deriveKey(secret, "signing keys")).toHaveLength(32);
  });
});
