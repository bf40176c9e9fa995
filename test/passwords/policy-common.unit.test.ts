import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { dictionary } from "@zxcvbn-ts/language-common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEntries, refuseCommon } from "../../src/passwords/policy/common.ts";

const FILE = resolve(import.meta.dirname, "../../src/passwords/policy/common-passwords.txt.gz");

const codeFor = async (password: string) => (await refuseCommon(password))?.code ?? null;

describe("7: the most common passwords are refused", () => {
  test.each([
    ..."password password1 password123 12345678 123456789 1234567890 87654321 11111111 00000000".split(" "),
    ..."123123123 12341234 qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx zaq12wsx abcd1234 aa123456".split(" "),
    ..."iloveyou sunshine princess football baseball superman starwars trustno1 welcome1 admin123".split(" "),
    ..."passw0rd p@ssw0rd letmein1 changeme administrator computer".split(" "),
  ])("%s", async (password) => {
    expect(await codeFor(password)).toBe("password_common");
  });

  test.each([
    ["in capitals", "PASSWORD1"],
    ["with a capital at the start", "Qwerty123"],
    ["in full width", "ｐａｓｓｗｏｒｄ"],
  ])("%s too: %s", async (_, password) => {
    expect(await codeFor(password)).toBe("password_common");
  });

  test("those with accents, typed apart", async () => {
    const accented = readEntries(await readFile(FILE)).filter((entry) => /[à-ü]/.test(entry));
    for (const entry of accented) expect(await codeFor(entry.normalize("NFD"))).toBe("password_common");
  });

  test("all of the list, which has twice the 10,000 that are asked for, none shorter than 8", async () => {
    const entries = readEntries(await readFile(FILE));
    expect(entries.length).toBeGreaterThan(20_000);
    expect(new Set(entries).size).toBe(entries.length);
    expect(entries.filter((entry) => [...entry].length < 8)).toEqual([]);
    const accepted = await Promise.all(entries.map(async (entry) => [entry, await codeFor(entry)]));
    expect(accepted.filter(([, code]) => code === null)).toEqual([]);
  });

  test("the list has every password of the library it is made from", async () => {
    const entries = new Set(readEntries(await readFile(FILE)));
    const missing = dictionary["passwords-common"].filter((word) => word.length >= 8 && !entries.has(word));
    expect(missing).toEqual([]);
  });

  test("the licences go along with the list", async () => {
    const { gunzipSync } = await import("node:zlib");
    const [notices] = gunzipSync(await readFile(FILE))
      .toString()
      .split("\n--\n");
    expect(notices).toMatch(/Permission is hereby granted[\s\S]+Redistribution and use/);
  });
});

describe("a password that holds a common one", () => {
  test.each(["correct horse", "my password is long", "iloveyou forty-two times", "football and violins"])(
    "is not refused for that: %s",
    async (password) => {
      expect(await codeFor(password)).toBeNull();
    },
  );

  test("is not refused when it is longer than any of the list", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 33 }), async (password) => {
        expect(await codeFor(password)).toBeNull();
      }),
    );
  });
});
