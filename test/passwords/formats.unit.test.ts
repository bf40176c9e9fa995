import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PASSWORD_FORMATS, readStoredHash } from "../../src/passwords/registry.ts";
import type { StoredHash } from "../../src/passwords/stored-hash.ts";
import vectors from "./vectors.json" with { type: "json" };

interface Vector {
  readonly kind: string;
  readonly format: string;
  readonly hash: string;
  readonly source: string;
  readonly password?: string;
  readonly password_hex?: string;
}

const of = (kind: string) => (vectors as readonly Vector[]).filter((vector) => vector.kind === kind);

function bytesOf({ password, password_hex: hex }: Vector): Buffer {
  return hex === undefined ? Buffer.from(password ?? "") : Buffer.from(hex, "hex");
}

function read(hash: string): StoredHash {
  const reading = readStoredHash(hash);
  if (typeof reading === "string") throw new Error(`${reading}: ${hash}`);
  return reading;
}

describe("hashes that other programs made", () => {
  test.each(of("correct"))("$format: $hash matches its password alone", async (vector) => {
    const stored = read(vector.hash);
    const password = bytesOf(vector);
    expect(await stored.verify(password)).toBe(true);
    const [other, first = 0] = [Buffer.from(password), password[0]];
    if (other.length === 0) return;
    other[0] = first ^ 1;
    expect(await stored.verify(other)).toBe(false);
  });

  test("every format has vectors, so that none is untested", () => {
    const read = new Set(of("correct").map(({ hash }) => readFormat(hash)));
    expect([...read].sort()).toEqual(PASSWORD_FORMATS.map(({ id }) => id).sort());
  });

  function readFormat(hash: string): string {
    const reading = readStoredHash(hash);
    return typeof reading === "string" ? reading : reading.format;
  }
});

describe("a stored text that cannot be verified is an answer, not an error", () => {
  test.each(of("malformed"))("broken: $hash", ({ hash }) => {
    expect(readStoredHash(hash)).toBeOneOf(["malformed", "too-costly"]);
  });

  test.each(of("foreign"))("another format's: $format", ({ hash }) => {
    expect(readStoredHash(hash)).toBe("unknown");
  });

  test.each([
    ["", "unknown"],
    ["$2b$10$", "malformed"],
    ["$2x$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "unknown"],
    ["$argon2id$v=20$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "malformed"],
    // A digest of 3 bytes would match one password in 16 million.
    ["$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA", "malformed"],
    ["$pbkdf2-sha256$i=600000$AAECAwQFBgcICQoLDA0ODw$AAAA", "malformed"],
    ["$pbkdf2-sha256$i=0600000$AAECAwQFBgcICQoLDA0ODw$", "malformed"],
    ["pbkdf2:sha256:600000$salt$xyz", "malformed"],
    ["pbkdf2_sha256$600000$$aaaa", "malformed"],
  ])("%s", (hash, fault) => {
    expect(readStoredHash(hash)).toBe(fault);
  });

  test("whatever the text is, mutated or made up, no error escapes", async () => {
    const seeds = of("correct").map(({ hash }) => hash);
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(120), fc.string({ maxLength: 3, unit: "binary" }))
      .map(([hash, at, piece]) => hash.slice(0, at) + piece + hash.slice(at + 1));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.string({ unit: "binary" })), async (text) => {
        const reading = readStoredHash(text);
        // Cheap ones only: the point is that reading and verifying never throw.
        const isCheap =
          typeof reading !== "string" &&
          (Number(reading.parameters.memory ?? 0) <= 512 || reading.parameters.cost === 4);
        if (isCheap && reading.format !== "pbkdf2-sha256") {
          expect(await reading.verify(Buffer.from("not it, surely"))).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a stored cost is bounded before any work is done", () => {
  const salt = "c29tZXNhbHQ";
  const digest = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  test.each([
    ["argon2 with 8 GiB", `$argon2id$v=19$m=8388608,t=1,p=1$${salt}$${digest}`],
    ["argon2 with a million passes", `$argon2id$v=19$m=1024,t=1000000,p=1$${salt}$${digest}`],
    [
      "argon2 with both just allowed, not their product",
      `$argon2id$v=19$m=262144,t=16,p=1$${salt}$${digest}`,
    ],
    ["argon2 with 255 lanes", `$argon2id$v=19$m=65536,t=1,p=255$${salt}$${digest}`],
    ["bcrypt of cost 20", `$2b$20$${"a".repeat(53)}`],
    [
      "PBKDF2 with a thousand million iterations",
      `$pbkdf2-sha256$i=1000000000$AAECAwQFBgcICQoLDA0ODw$${digest}`,
    ],
  ])("%s", (_, hash) => {
    expect(readStoredHash(hash)).toBe("too-costly");
  });
});
