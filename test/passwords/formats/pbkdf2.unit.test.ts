import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeBase64 } from "../../../src/passwords/base64.ts";
import { aspnetIdentityFormat } from "../../../src/passwords/formats/aspnet-identity.ts";
import { atlassianFormat } from "../../../src/passwords/formats/atlassian.ts";
import { pbkdf2Format, pbkdf2Hasher } from "../../../src/passwords/formats/pbkdf2.ts";
import { isVerifiable } from "../../../src/passwords/stored-hash.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const SALT = Buffer.from("a salt of 16 byt");
const key = (digest: string, bytes: number, iterations = 2) =>
  pbkdf2Sync(PASSWORD, SALT, iterations, bytes, digest);
const phc = (digest: string, bytes: number, iterations = 2) =>
  `$pbkdf2-${digest}$i=${iterations}$${encodeBase64(SALT)}$${encodeBase64(Buffer.alloc(bytes, 7))}`;

describe("PBKDF2", () => {
  test.each(["sha1", "sha224", "sha256", "sha384", "sha512"])(
    "%s verifies, whatever the key's length",
    (digest) => {
      for (const bytes of [16, 20, 33, 64, 128]) {
        const stored = `$pbkdf2-${digest}$i=2,l=${bytes}$${encodeBase64(SALT)}$${encodeBase64(key(digest, bytes))}`;
        expect(matches(readAs(pbkdf2Format, stored), PASSWORD)).toBe(true);
        expect(matches(readAs(pbkdf2Format, stored), "another")).toBe(false);
      }
    },
  );

  test("a key longer than the digest is told as more blocks, for each costs all the iterations", () => {
    expect(readAs(pbkdf2Format, phc("sha1", 64, 1000))).toMatchObject({
      parameters: { digest: "sha1", iterations: 1000, blocks: 4 },
    });
    expect(readAs(pbkdf2Format, phc("sha512", 64, 1000))).toMatchObject({ parameters: { blocks: 1 } });
  });

  test.each([
    ["sha1", 20, 8_000_000],
    ["sha1", 64, 2_000_000],
    ["sha256", 32, 5_000_000],
    ["sha512", 64, 2_000_000],
  ])("%s with a key of %d bytes may have %d iterations and no more", (digest, bytes, most) => {
    expect(faultOf(readAs(pbkdf2Format, phc(digest, bytes, most)))).toBeNull();
    expect(faultOf(readAs(pbkdf2Format, phc(digest, bytes, most + 1)))).toBe("too-costly");
  });

  test.each([
    phc("sha3", 32),
    phc("sha256", 15),
    phc("sha256", 129),
    phc("sha256", 32).replace("i=2", "i=0"),
    phc("sha256", 32).replace("i=2", "i=02"),
    phc("sha256", 32).replace("i=2", "i=2,l=31"),
    `${phc("sha256", 32)}$`,
    "$pbkdf2$1212$$",
    "pbkdf2_sha256$1000$$aaaa",
    "pbkdf2:sha256:1000$salt$xyz",
    "pbkdf2:sha256$salt$00112233445566778899aabbccddeeff",
    "{PBKDF2-SHA999}1000$AAAA$AAAA",
  ])("%s is malformed", (stored) => {
    expect(faultOf(readAs(pbkdf2Format, stored))).toBe("malformed");
  });

  test("{pbkdf2} in lower case is Spring's", () => {
    expect(readAs(pbkdf2Format, "{pbkdf2}00112233")).toBeNull();
  });

  test("the hasher writes PHC strings that are current for it, and not for a dearer one", () => {
    const stored = pbkdf2Hasher(1000).hash(Buffer.from(PASSWORD));
    const reading = readAs(pbkdf2Format, stored);
    expect(stored).toMatch(/^\$pbkdf2-sha256\$i=1000\$/);
    if (reading === null || !isVerifiable(reading)) throw new Error("it was not read");
    expect([1000, 1001].map((iterations) => pbkdf2Hasher(iterations).isCurrent(reading))).toEqual([
      true,
      false,
    ]);
  });
});

describe("ASP.NET Identity", () => {
  const version3 = (parts: { prf?: number; iterations?: number; saltBytes?: number; version?: number }) => {
    const { prf = 1, iterations = 2, saltBytes = 16, version = 1 } = parts;
    const head = Buffer.alloc(13);
    head[0] = version;
    for (const [at, value] of [prf, iterations, saltBytes].entries()) head.writeUInt32BE(value, 1 + 4 * at);
    return Buffer.concat([head, SALT, key("sha256", 32)]).toString("base64");
  };

  test("version 3 is read with what stands in it", () => {
    expect(matches(readAs(aspnetIdentityFormat, version3({})), PASSWORD)).toBe(true);
  });

  test.each([
    ["a function nobody has", { prf: 3 }, "malformed"],
    ["a salt longer than the text", { saltBytes: 2 ** 32 - 1 }, "malformed"],
    ["a salt that leaves no key", { saltBytes: 40 }, "malformed"],
    ["a salt too short", { saltBytes: 8 }, "malformed"],
    ["no iterations", { iterations: 0 }, "malformed"],
    ["2^31 iterations", { iterations: 2 ** 31 }, "too-costly"],
  ])("%s", (_, parts, fault) => {
    expect(faultOf(readAs(aspnetIdentityFormat, version3(parts)))).toBe(fault);
  });

  test("base64 that only looks alike is another format's", () => {
    expect(readAs(aspnetIdentityFormat, version3({ version: 2 }))).toBeNull();
    expect(readAs(aspnetIdentityFormat, Buffer.alloc(48).toString("base64"))).toBeNull();
    expect(readAs(aspnetIdentityFormat, Buffer.alloc(49, 1).toString("base64"))).toBeNull();
  });

  test("version 2 is one thousand iterations of SHA-1", () => {
    const bytes = Buffer.concat([Buffer.from([0]), SALT, key("sha1", 32, 1000)]);
    const reading = readAs(aspnetIdentityFormat, bytes.toString("base64"));
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(reading).toMatchObject({ parameters: { digest: "sha1", iterations: 1000, blocks: 2 } });
  });
});

describe("Atlassian", () => {
  const text = Buffer.concat([SALT, Buffer.alloc(32)]).toString("base64");

  test.each([text.slice(1), `${text}A`, `${text.slice(1)}=`, `${text.slice(1)}!`, ""])(
    "%j is malformed",
    (tail) => {
      expect(faultOf(readAs(atlassianFormat, `{PKCS5S2}${tail}`))).toBe("malformed");
    },
  );
});
