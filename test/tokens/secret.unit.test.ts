import { describe, expect, test } from "vitest";
import { createAuth } from "../../src/auth.ts";
import { deriveKey, requireSecrets } from "../../src/tokens/secret.ts";

const STRONG = "abcdefghijklmnopqrstuvwxyz012345";
const WEAK = [
  ["nothing", ""],
  ["31 bytes", "abcdefghijklmnopqrstuvwxyz01234"],
  ["one character many times", "x".repeat(64)],
  ["a short pattern many times", "1234567".repeat(10)],
] as const;

describe("a secret", () => {
  test.each(WEAK)("of %s is refused before anything is opened (48)", async (_, secret) => {
    const opening = createAuth({ database: "postgres://nobody@localhost:1/none", secret });
    await expect(opening).rejects.toMatchObject({
      code: "secret_weak",
      fix: expect.stringContaining("openssl rand"),
    });
  });

  test.each(WEAK)("of %s is refused as a previous one too, which the error says (48)", async (_, secret) => {
    const database = "postgres://nobody@localhost:1/none";
    await expect(createAuth({ database, secret: [STRONG, secret] })).rejects.toMatchObject({
      code: "secret_weak",
      message: "The previous secret needs at least 32 random bytes.",
      fix: expect.stringContaining("AUTHGRAFT_SECRET_PREVIOUS"),
    });
    const third = createAuth({ database, secret: [STRONG, STRONG, secret] });
    await expect(third).rejects.toThrow("Previous secret 2 of 2 needs");
    await expect(createAuth({ database, secret: [secret, STRONG] })).rejects.toThrow(
      "The secret that protects",
    );
  });

  test("that is missing from the list is refused (48)", async () => {
    const opening = createAuth({ database: "postgres://nobody@localhost:1/none", secret: [] });
    await expect(opening).rejects.toMatchObject({ code: "secret_weak" });
  });

  test("of 32 bytes is taken, and never repeated in a message", async () => {
    expect(requireSecrets(STRONG)).toEqual([STRONG]);
    const weak = "a weak but telling one";
    await expect(createAuth({ database: "x", secret: weak })).rejects.not.toThrow(weak);
    await expect(createAuth({ database: "x", secret: [STRONG, weak] })).rejects.not.toThrow(weak);
  });

  test("makes a different key for each purpose, and the same one each time", () => {
    expect(deriveKey(STRONG, "signing keys")).toEqual(deriveKey(STRONG, "signing keys"));
    expect(deriveKey(STRONG, "signing keys")).not.toEqual(deriveKey(STRONG, "refresh tokens"));
    expect(deriveKey(STRONG, "signing keys")).toHaveLength(32);
  });
});
