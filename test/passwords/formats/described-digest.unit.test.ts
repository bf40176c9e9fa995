import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { describedDigestFormat } from "../../../src/passwords/formats/described-digest.ts";
import type { DigestDescription } from "../../../src/passwords/stored-hash.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const SALT = "s$:.{x}";

const SHA256: DigestDescription = {
  algorithm: "sha256",
  order: "salt-password",
  layout: "{salt}:{digest}",
  digestEncoding: "hex",
  saltEncoding: "text",
  iterations: 1,
  iterateOver: "bytes",
};

const read = (stored: string, ...changes: readonly Partial<DigestDescription>[]) =>
  readAs(describedDigestFormat, stored, { digests: changes.map((change) => ({ ...SHA256, ...change })) });

const digest = (text: string, algorithm = "sha256") => createHash(algorithm).update(text).digest();
const HEX = digest(SALT + PASSWORD).toString("hex");

describe("a salted digest that the configuration describes", () => {
  test.each([
    ["salt-password", digest(SALT + PASSWORD)],
    ["password-salt", digest(PASSWORD + SALT)],
    ["salt-password-salt", digest(SALT + PASSWORD + SALT)],
    ["hmac", createHmac("sha256", SALT).update(PASSWORD).digest()],
  ] as const)("%s", (order, bytes) => {
    const reading = read(`${SALT}:${bytes.toString("hex")}`, { order });
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(matches(reading, "another")).toBe(false);
  });

  test.each([
    ["{salt}:{digest}", `${SALT}:${HEX}`],
    ["{digest}:{salt}", `${HEX}:${SALT}`],
    ["{salt}{digest}", SALT + HEX],
    ["{digest}{salt}", HEX + SALT],
    ["own/{salt}/{digest}", `own/${SALT}/${HEX}`],
    // What would mean something else in a regular expression.
    [".*(a+)+[{salt}|{digest}]$\\", `.*(a+)+[${SALT}|${HEX}]$\\`],
  ])("%s: all but salt and digest is as it is written", (layout, stored) => {
    expect(matches(read(stored, { layout }), PASSWORD)).toBe(true);
    expect(read(stored.replace(/^./, "~"), { layout: `x${layout}` })).toBeNull();
  });

  test("a salt is what stands in its place, though it looks like the layout's own text", () => {
    const salt = ":::";
    const stored = `${salt}:${digest(salt + PASSWORD).toString("hex")}`;
    expect(matches(read(stored, {}), PASSWORD)).toBe(true);
  });

  test("salts and digests are decoded as described", () => {
    const bytes = Buffer.from(SALT);
    const base64 = digest(SALT + PASSWORD).toString("base64");
    const upper = `${bytes.toString("hex")}:${HEX}`.toUpperCase();
    expect(matches(read(upper, { saltEncoding: "hex" }), PASSWORD)).toBe(true);
    for (const text of [base64, base64.replace("=", "")]) {
      const stored = `${bytes.toString("base64")}:${text}`;
      expect(matches(read(stored, { saltEncoding: "base64", digestEncoding: "base64" }), PASSWORD)).toBe(
        true,
      );
    }
  });

  test("what was digested before is digested again, as bytes or as hexadecimal", () => {
    const first = digest(SALT + PASSWORD);
    const overBytes = createHash("sha256").update(createHash("sha256").update(first).digest()).digest("hex");
    const overHex = digest(digest(first.toString("hex")).toString("hex")).toString("hex");
    expect(matches(read(`${SALT}:${overBytes}`, { iterations: 3 }), PASSWORD)).toBe(true);
    expect(matches(read(`${SALT}:${overHex}`, { iterations: 3, iterateOver: "hex" }), PASSWORD)).toBe(true);
    expect(matches(read(`${SALT}:${overHex}`, { iterations: 3 }), PASSWORD)).toBe(false);
  });

  test("the first description that fits has the text", () => {
    const stored = `${SALT}:${HEX}`;
    const changes = [{ algorithm: "sha512" }, { order: "password-salt" }, {}] as const;
    expect(read(stored, ...changes)).toMatchObject({
      parameters: { digest: "sha256", order: "password-salt" },
    });
  });

  test.each([
    ["no salt", `:${HEX}`],
    ["a digest too short", `${SALT}:${HEX.slice(2)}`],
    ["a digest that is none", `${SALT}:${HEX.slice(1)}g`],
    ["something after it", `${SALT}:${HEX} `],
    ["nothing", ""],
  ])("%s does not fit", (_, stored) => {
    expect(read(stored, {})).toBeNull();
  });

  test("a salt that cannot be decoded does not fit", () => {
    expect(read(`abc:${HEX}`, { saltEncoding: "hex" })).toBeNull();
    expect(read(`a-b=:${HEX}`, { saltEncoding: "base64" })).toBeNull();
  });

  test("too many iterations are refused before any work", () => {
    expect(faultOf(read(`${SALT}:${HEX}`, { iterations: 1_000_001 }))).toBe("too-costly");
  });

  test("all that decides the work is in the parameters", () => {
    expect(read(`${SALT}:${HEX}`, { iterations: 7, iterateOver: "hex" })).toMatchObject({
      parameters: { digest: "sha256", order: "salt-password", iterations: 7, iterateOver: "hex" },
    });
  });
});
