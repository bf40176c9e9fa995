import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { argon2Format } from "../../../src/passwords/formats/argon2.ts";
import { keycloakFormat } from "../../../src/passwords/formats/keycloak.ts";
import { pbkdf2Format } from "../../../src/passwords/formats/pbkdf2.ts";
import { compactKeycloakCredential } from "../../../src/passwords/keycloak.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const SALT = Buffer.from("a salt of 16 byt");
const VALUE = pbkdf2Sync(PASSWORD, SALT, 1000, 64, "sha512").toString("base64");

interface Data {
  readonly algorithm?: unknown;
  readonly hashIterations?: unknown;
  readonly additionalParameters?: unknown;
}

function credential(data: Data = {}, value: unknown = VALUE): string {
  return JSON.stringify({
    type: "password",
    secretData: JSON.stringify({ value, salt: SALT.toString("base64"), additionalParameters: {} }),
    credentialData: JSON.stringify({ hashIterations: 1000, algorithm: "pbkdf2-sha512", ...data }),
  });
}

const ARGON2 = {
  algorithm: "argon2",
  hashIterations: 5,
  additionalParameters: {
    hash_length: ["32"],
    memory: ["7168"],
    type: ["id"],
    version: ["1.3"],
    parallelism: ["1"],
  },
};

const read = (stored: string) => readAs(keycloakFormat, stored, {}, [argon2Format, pbkdf2Format]);

describe("Keycloak's credentials", () => {
  test("verify as they are", () => {
    expect(read(credential())).toMatchObject({ format: "keycloak" });
    expect(matches(read(credential()), PASSWORD)).toBe(true);
    expect(matches(read(credential()), "another")).toBe(false);
  });

  test("and as what the import makes of them, which fits the column", () => {
    const compact = compactKeycloakCredential(credential()) ?? "";
    expect(compact).toMatch(/^\$pbkdf2-sha512\$i=1000\$/);
    expect(compact.length).toBeLessThan(255);
    expect(matches(readAs(pbkdf2Format, compact), PASSWORD)).toBe(true);
  });

  test("Argon2 becomes the string everyone writes", () => {
    const value = Buffer.alloc(32, 7).toString("base64");
    expect(compactKeycloakCredential(credential(ARGON2, value))).toMatch(
      /^\$argon2id\$v=19\$m=7168,t=5,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test("exports of old, without JSON inside, are read too", () => {
    const old = {
      type: "password",
      hashedSaltedValue: VALUE,
      salt: SALT.toString("base64"),
      hashIterations: 1000,
      algorithm: "pbkdf2-sha512",
    };
    expect(matches(read(JSON.stringify(old)), PASSWORD)).toBe(true);
  });

  test.each([
    ["an algorithm of a plug-in", credential({ algorithm: "bcrypt" })],
    ["a name that every object has", credential({ algorithm: "constructor" })],
    ["no iterations", credential({ hashIterations: 0 })],
    ["iterations that are text", credential({ hashIterations: "1000" })],
    ["more iterations than digits", credential({ hashIterations: 1e15 })],
    ["Argon2 without its parameters", credential({ ...ARGON2, additionalParameters: null })],
    ["a value that is no base64", credential({}, "!")],
    ["a value that is no text", credential({}, 12)],
    ["no secret", '{"credentialData":"{}"}'],
    ["JSON that ends early", credential().slice(0, -2)],
    ["JSON that goes on and on", `{"secretData":"${"a".repeat(10_000_000)}"}`],
    ["something else", '{"password":"secret"}'],
  ])("%s is malformed", (_, stored) => {
    expect(faultOf(read(stored))).toBe("malformed");
  });

  test("a cost beyond the bounds is told as the credential's", () => {
    expect(read(credential({ hashIterations: 2_000_000_000 }))).toMatchObject({
      fault: "too-costly",
      format: "keycloak",
    });
  });

  test("what is no JSON object is another format's", () => {
    for (const stored of ["{SSHA}AAAA", "[1]", "", "{}"]) expect(read(stored)).toBeNull();
  });
});
