import { createHmac, scryptSync } from "node:crypto";
import { hash as bcrypt } from "@node-rs/bcrypt";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import * as module from "../../src/passwords/passwords.ts";

const { legacy } = parseConfiguration({}).passwords;
const ARGON2 = { algorithm: "argon2id", bcryptCost: 10, legacy } as const;
const BCRYPT = { algorithm: "bcrypt", bcryptCost: 10, legacy } as const;
const PBKDF2 = { algorithm: "pbkdf2-sha256", bcryptCost: 10, legacy } as const;

const open: module.Passwords[] = [];

const createPasswords: typeof module.createPasswords = async (...given) => {
  const passwords = await module.createPasswords(...given);
  open.push(passwords);
  return passwords;
};

afterEach(async () => {
  for (const passwords of open.splice(0)) await passwords.close();
});

describe("new hashes", () => {
  test.each([
    [ARGON2, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/],
    [BCRYPT, /^\$2b\$10\$/],
    [PBKDF2, /^\$pbkdf2-sha256\$i=600000\$/],
  ])("are made as configured: $algorithm", async (settings, shape) => {
    const passwords = await createPasswords(settings);
    const hash = await passwords.hash("correct horse");
    expect(hash).toMatch(shape);
    expect(hash).toHaveLength(passwords.hashLength);
    expect(await passwords.verify(hash, "correct horse")).toBe("match");
    expect(await passwords.verify(hash, "correct horsf")).toBe("no-match");
    expect(await passwords.hash("correct horse")).not.toBe(hash);
  });

  test.each([ARGON2, BCRYPT, PBKDF2])(
    "are verified exactly as sent with $algorithm (ASVS 6.2.8)",
    async (settings) => {
      const passwords = await createPasswords(settings);
      const hash = await passwords.hash(" Passwörd\n ");
      for (const other of [" passwörd\n ", " Passwörd\n"]) {
        expect(await passwords.verify(hash, other)).toBe("no-match");
      }
      expect(await passwords.verify(hash, " Passwörd\n ")).toBe("match");
    },
  );

  test("are the same for the two ways to type an accent, and for every kind of space (RFC 8265)", async () => {
    const passwords = await createPasswords(ARGON2);
    const hash = await passwords.hash("cafe\u0301\u00a0noir");
    expect(await passwords.verify(hash, "caf\u00e9 noir")).toBe("match");
    expect(await passwords.verify(hash, "cafe\u0301\u3000noir")).toBe("match");
  });
});

describe("hashes from before the graft", () => {
  test("made of the bytes as they were sent are verified so, not only in normal form", async () => {
    const passwords = await createPasswords(BCRYPT);
    const decomposed = await bcrypt("cafe\u0301 noir", { cost: 10 });
    expect(await passwords.verify(decomposed, "cafe\u0301 noir")).toBe("match");
  });

  test.each([
    ["a lower cost", { ...BCRYPT, bcryptCost: 11 }, "match-outdated"],
    ["the same cost", BCRYPT, "match"],
    ["another algorithm", ARGON2, "match-outdated"],
  ])("of %s are told from current ones", async (_, settings, outcome) => {
    const passwords = await createPasswords(settings);
    const stored = await bcrypt("correct horse", { cost: 10 });
    expect(await passwords.verify(stored, "correct horse")).toBe(outcome);
  });

  test("that were matched by the first 72 bytes alone are not made anew from a longer password", async () => {
    const passwords = await createPasswords(ARGON2);
    const stored = await bcrypt("x".repeat(80), { cost: 10 });
    expect(await passwords.verify(stored, "x".repeat(72))).toBe("match-outdated");
    expect(await passwords.verify(stored, `${"x".repeat(72)} and more`)).toBe("match");
  });

  test("are not made anew with bcrypt from a password it would cut", async () => {
    const long = "x".repeat(73);
    const stored = await (await createPasswords(PBKDF2)).hash(long);
    expect(await (await createPasswords(BCRYPT)).verify(stored, long)).toBe("match");
    expect(await (await createPasswords(ARGON2)).verify(stored, long)).toBe("match-outdated");
  });
});

describe("hashes that do not count a password as it was typed", () => {
  const wordpress = async (password: string) => {
    const digest = createHmac("sha384", "wp-sha384").update(password).digest("base64");
    return `$wp${(await bcrypt(digest, { cost: 4 })).replace("$2b$", "$2y$")}`;
  };
  const betterAuth = async (password: string) => {
    const salt = "0123456789abcdef0123456789abcdef";
    const key = scryptSync(password, salt, 64, { N: 16_384, r: 16, p: 1, maxmem: 2 ** 26 });
    return `${salt}:${key.toString("hex")}`;
  };

  // A new hash counts everything: made of a password with a space too many, it would lock its owner out.
  test.each([
    ["WordPress, a space behind it", wordpress, "correct horse", "correct horse "],
    ["WordPress, a space of another kind before it", wordpress, "correct horse", "\u3000correct horse"],
    ["better-auth, a ligature", betterAuth, "office horse", "o\ufb03ce horse"],
    [
      "bcrypt, which begins anew after NUL",
      (text: string) => bcrypt(text, { cost: 4 }),
      "horse",
      "horse\0horse",
    ],
  ])("are made anew from what counts alone: %s", async (_, make, password, typed) => {
    const passwords = await createPasswords(ARGON2);
    const stored = await make(password);
    expect(await passwords.verify(stored, typed)).toBe("match");
    expect(await passwords.verify(stored, password)).toBe("match-outdated");
  });
});

describe("what matches nothing", () => {
  test.each([
    ["no stored hash", null],
    ["an unknown format", "5f4dcc3b5aa765d61d8327deb882cf99"],
    ["a broken hash", "$2b$10$nonsense"],
    ["a hash that is too costly", `$2b$20$${"a".repeat(53)}`],
  ])("does the work of a hash all the same: %s", async (_, stored) => {
    const passwords = await createPasswords(ARGON2, { threads: 1, limits: { capacity: 1 } });
    const busy = passwords.verify(stored, "correct horse");
    expect(passwords.state().running).toBe(1);
    expect(await busy).toBe("no-match");
  });

  test.each([
    ["an empty password", ""],
    ["a lone surrogate", "\ud800"],
  ])("is %s, even on a hash of it", async (_, password) => {
    const passwords = await createPasswords(BCRYPT);
    expect(await passwords.verify(await bcrypt(password, { cost: 4 }), password)).toBe("no-match");
  });
});
