import { describe, expect, test } from "vitest";
import { bcryptFormat, bcryptHasher } from "../../../src/passwords/formats/bcrypt.ts";
import { bcryptPepperedFormat } from "../../../src/passwords/formats/bcrypt-peppered.ts";
import { bcryptSha256Format } from "../../../src/passwords/formats/bcrypt-sha256.ts";
import { peppered, pepperFingerprint, withPepper } from "../../../src/passwords/pepper.ts";
import { isVerifiable } from "../../../src/passwords/stored-hash.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse battery";
const PEPPER = "a pepper of the old application";

const hash = bcryptHasher(4).hash;
const plain = hash(Buffer.from(PASSWORD));
const overPepper = hash(withPepper(Buffer.from(PASSWORD), PEPPER));

/** The same hash with the bits to spare in its salt's last character set. */
function withStrayBits(stored: string): string {
  const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const last = alphabet.indexOf(stored.charAt(28));
  return stored.slice(0, 28) + alphabet.charAt(last | 0b1111) + stored.slice(29);
}

describe("bcrypt", () => {
  test.each(["$2$", "$2x$"])("%s is refused by name, for its maker was broken", (identifier) => {
    const reading = readAs(bcryptFormat, plain.replace("$2b$", identifier));
    expect(reading).toMatchObject({ fault: "refused", format: "bcrypt" });
  });

  test("stray bits in a salt, as old writers left them, count for nothing", () => {
    const stray = withStrayBits(plain);
    expect(stray).not.toBe(plain);
    expect(matches(readAs(bcryptFormat, stray), PASSWORD)).toBe(true);
    expect(matches(readAs(bcryptFormat, stray), "another")).toBe(false);
  });

  test.each([
    ["03", "malformed"],
    ["17", "too-costly"],
    ["31", "too-costly"],
    ["32", "malformed"],
  ])("a cost of %s is %s", (cost, fault) => {
    expect(faultOf(readAs(bcryptFormat, plain.replace("$04$", `$${cost}$`)))).toBe(fault);
  });
});

describe("a column adopted in place, with a pepper configured", () => {
  test("takes the password with the pepper and without it", () => {
    for (const stored of [plain, overPepper]) {
      const reading = readAs(bcryptFormat, stored, { pepper: PEPPER });
      expect(matches(reading, PASSWORD)).toBe(true);
      expect(matches(reading, "another")).toBe(false);
      expect(reading).toMatchObject({ parameters: { cost: 4, peppers: 2 } });
    }
  });

  test("without the pepper its hashes match nothing", () => {
    expect(matches(readAs(bcryptFormat, overPepper), PASSWORD)).toBe(false);
  });
});

describe("a hash marked with its pepper", () => {
  const marked = peppered(overPepper, PEPPER);

  test("verifies with that pepper", () => {
    const reading = readAs(bcryptPepperedFormat, marked, { pepper: PEPPER });
    expect(matches(reading, PASSWORD)).toBe(true);
    expect(matches(reading, "another")).toBe(false);
    expect(reading).toMatchObject({ significantBytes: 72 });
  });

  test("is no match for one that was made without", () => {
    const reading = readAs(bcryptPepperedFormat, peppered(plain, PEPPER), { pepper: PEPPER });
    expect(matches(reading, PASSWORD)).toBe(false);
  });

  test.each([
    ["no pepper", null],
    ["another pepper", "another"],
  ])("with %s it is incomplete, and says which one it needs", (_, pepper) => {
    const reading = readAs(bcryptPepperedFormat, marked, { pepper });
    expect(faultOf(reading)).toBe("incomplete");
    expect(reading).toMatchObject({ reason: expect.stringContaining("passwords.legacy.pepper") });
    expect(reading).toMatchObject({ reason: expect.stringContaining(pepperFingerprint(PEPPER)) });
  });

  test.each(["{pepper-", "{pepper-XYZ}$2b$", `{pepper-abcdef}${PASSWORD}`, "{pepper-abcdef}$2b$04$"])(
    "%s is malformed",
    (stored) => {
      expect(faultOf(readAs(bcryptPepperedFormat, stored, { pepper: PEPPER }))).toBe("malformed");
    },
  );
});

describe("bcrypt over SHA-256", () => {
  const [salt, digest] = [plain.slice(7, 29), plain.slice(29)];
  const shape = (start: string, of = salt) => `$bcrypt-sha256$${start}$${of}$${digest}`;

  test.each(["2b,17", "v=2,t=2b,r=17"])("%s is beyond the bound", (start) => {
    expect(faultOf(readAs(bcryptSha256Format, shape(start)))).toBe("too-costly");
  });

  test("stray bits in the salt are malformed where the salt is a key", () => {
    const stray = withStrayBits(plain).slice(7, 29);
    expect(faultOf(readAs(bcryptSha256Format, shape("v=2,t=2b,r=5", stray)))).toBe("malformed");
    expect(faultOf(readAs(bcryptSha256Format, shape("2b,5", stray)))).toBeNull();
  });

  test("all bytes of a password count", () => {
    const reading = readAs(bcryptSha256Format, shape("2b,5"));
    expect(reading !== null && isVerifiable(reading) && reading.significantBytes).toBeNull();
  });
});
