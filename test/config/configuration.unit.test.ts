import { describe, expect, test } from "vitest";
import { editDistance, nearMatches } from "../../src/config/near-match.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { ConfigurationError } from "../../src/errors.ts";

function mistakes(input: unknown): string {
  try {
    parseConfiguration(input, "authgraft.config.ts");
  } catch (error) {
    if (error instanceof ConfigurationError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("it was taken");
}

describe("a configuration", () => {
  test("has a default for everything, and is frozen throughout", () => {
    const configuration = parseConfiguration(undefined);
    expect(configuration).toMatchObject({ table: "users", schema: "authgraft", port: 8080, accept: [] });
    expect(Object.isFrozen(configuration)).toBe(true);
    expect(Object.isFrozen(configuration.lock)).toBe(true);
  });

  test.each([
    [{ tabel: "users" }, 'unknown key "tabel" (did you mean "table"?)'],
    [{ mapping: { emial: "mail" } }, 'unknown key "emial" in "mapping" (did you mean "email"?)'],
    [
      { lock: { budgetMiliseconds: 5 } },
      'unknown key "budgetMiliseconds" in "lock" (did you mean "budgetMilliseconds"?)',
    ],
    [{ qqqqqqqqqqqq: 1 }, 'unknown key "qqqqqqqqqqqq"'],
    [{ registration: { moode: "off" } }, 'unknown key "moode" in "registration" (did you mean "mode"?)'],
  ])("%j: %s", (input, words) => {
    expect(mistakes(input)).toBe(`configuration_invalid: authgraft.config.ts: ${words}.`);
  });

  test("tells every mistake at once", () => {
    const message = mistakes({
      port: 70_000,
      tabel: "x",
      passwords: { algorithm: "md5" },
      mapping: { id: "" },
    });
    for (const words of ['"port"', '"tabel"', '"passwords.algorithm"', '"mapping.id"']) {
      expect(message).toContain(words);
    }
  });

  test("bcrypt reads no more than 72 bytes", () => {
    expect(mistakes({ passwords: { algorithm: "bcrypt", maximumLength: 100 } })).toContain(
      '"passwords.maximumLength": bcrypt reads no more than 72 bytes',
    );
  });

  test.each([[{ registration: "off" }], [{ registration: { mode: "off" } }]])(
    "%j closes registration",
    (input) => expect(parseConfiguration(input).registration.mode).toBe("off"),
  );
});

describe("near matches", () => {
  test.each([
    ["user", "users", 1],
    ["USERS", "users", 0],
    ["emial", "email", 2],
    ["", "abc", 3],
  ])("%s and %s are %i edits apart", (one, other, edits) => {
    expect(editDistance(one, other)).toBe(edits);
    expect(editDistance(other, one)).toBe(edits);
  });

  test("come nearest first, and nothing far off", () => {
    const tables = ["user_roles", "users", "orders", "useres", "app_users", "zebra"];
    expect(nearMatches("user", tables)[0]).toBe("users");
    expect(nearMatches("user", tables, 10)).not.toContain("zebra");
    expect(nearMatches("completely_else", tables)).toEqual([]);
  });
});
