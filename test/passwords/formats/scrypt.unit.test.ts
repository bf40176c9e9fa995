import { scryptSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeBase64 } from "../../../src/passwords/base64.ts";
import { firebaseHash } from "../../../src/passwords/firebase.ts";
import { firebaseScryptFormat } from "../../../src/passwords/formats/firebase-scrypt.ts";
import { saltKeyScryptFormat } from "../../../src/passwords/formats/salt-key-scrypt.ts";
import { scryptFormat } from "../../../src/passwords/formats/scrypt.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const PASSWORD = "correct horse";
const KEY = encodeBase64(Buffer.alloc(32, 7));
const phc = (n: string, r: string, p: string, salt = "c2FsdA", key = KEY) =>
  `$scrypt$ln=${n},r=${r},p=${p}$${salt}$${key}`;

describe("scrypt", () => {
  test.each([
    ["256 MiB", phc("18", "8", "1")],
    ["twice the recommended work", phc("15", "8", "8")],
    ["1,024 blocks", phc("1", "8", "128")],
  ])("%s are allowed", (_, stored) => {
    expect(faultOf(readAs(scryptFormat, stored))).toBeNull();
  });

  test.each([
    ["512 MiB", phc("19", "8", "1")],
    ["a terabyte", phc("30", "8", "1")],
    ["more than that", phc("15", "8", "9")],
    ["too many blocks", phc("1", "8", "129")],
    ["a block of gigabytes", phc("1", "134217728", "1")],
    ["Werkzeug's with 2^31", `scrypt:2147483648:8:1$salt$${"00".repeat(64)}`],
    ["Django's with 2^31", `scrypt$2147483648$salt$8$1$${Buffer.alloc(64).toString("base64")}`],
    ["libsodium's with 2^63", `$7$z6..../....salt$${".".repeat(43)}`],
  ])("%s are too much", (_, stored) => {
    expect(faultOf(readAs(scryptFormat, stored))).toBe("too-costly");
  });

  test.each([
    ["n that is no power of two", `scrypt:16383:8:1$salt$${"00".repeat(64)}`],
    ["n of 1", `scrypt:1:8:1$salt$${"00".repeat(64)}`],
    ["n too large for its r", phc("16", "1", "1")],
    ["ln of 0", phc("0", "8", "1")],
    ["no p", "$scrypt$ln=4,r=8$c2FsdA$AAAA"],
    ["a key that is too short", phc("4", "8", "1", "c2FsdA", "AAAA")],
    ["r of 0 in crypt's digits", `$7$4...../....salt$${".".repeat(43)}`],
    ["hexadecimal of half a byte", `scrypt:16384:8:1$salt$${"0".repeat(65)}`],
  ])("%s is malformed", (_, stored) => {
    expect(faultOf(readAs(scryptFormat, stored))).toBe("malformed");
  });

  test("a hash at the bounds is verified, not given up for want of memory", () => {
    for (const [n, r, p] of [
      [2, 8, 128],
      [2, 1024, 1],
      [16, 1, 1024],
    ] as const) {
      const key = encodeBase64(scryptSync(PASSWORD, "salt", 32, { N: n, r, p }));
      const reading = readAs(scryptFormat, phc(String(Math.log2(n)), String(r), String(p), "c2FsdA", key));
      expect(matches(reading, PASSWORD)).toBe(true);
      expect(reading).toMatchObject({ parameters: { n, r, p } });
    }
  });

  test("without a salt too, where the writing allows for none", () => {
    const key = encodeBase64(scryptSync(PASSWORD, "", 32, { N: 16, r: 1, p: 1 }));
    expect(matches(readAs(scryptFormat, phc("4", "1", "1", "", key)), PASSWORD)).toBe(true);
  });
});

describe("scrypt as salt:key", () => {
  const HEX_SALT = "00112233445566778899aabbccddeeff";
  const HEX_KEY = "07".repeat(64);

  test.each([
    ["better-auth's, Lucia 3's and Oslo's", `${HEX_SALT}:${HEX_KEY}`, 16],
    ["Lucia 2's", `s2:abcdefghij012345:${HEX_KEY}`, 16],
    ["Lucia 1's", `abcdefghij012345:${HEX_KEY}`, 8],
  ])("%s is told by its salt", (_, stored, r) => {
    expect(readAs(saltKeyScryptFormat, stored)).toMatchObject({ parameters: { n: 16_384, r, p: 1 } });
  });

  test("passwords are the same where NFKC makes them so", () => {
    const cost = { N: 16_384, r: 8, p: 1, maxmem: 2 ** 25 };
    const key = scryptSync("fi Å", "abcdefghij012345", 64, cost).toString("hex");
    const reading = readAs(saltKeyScryptFormat, `abcdefghij012345:${key}`);
    expect(matches(reading, "ﬁ Å".normalize("NFD"))).toBe(true);
  });

  test("what has another shape is another format's, save behind s2:", () => {
    expect(readAs(saltKeyScryptFormat, `${HEX_SALT}:${"0".repeat(127)}`)).toBeNull();
    expect(readAs(saltKeyScryptFormat, "ada:lovelace")).toBeNull();
    expect(faultOf(readAs(saltKeyScryptFormat, "s2:salt:key"))).toBe("malformed");
  });
});

describe("Firebase's scrypt", () => {
  const SIGNER_KEY = Buffer.alloc(64, 3).toString("base64");
  const HASH = Buffer.alloc(64, 250).toString("base64");
  const PARAMETERS = { saltSeparator: "Bw==", rounds: 8, memoryCost: 14 };
  const compact = firebaseHash({ passwordHash: HASH, salt: "42xEC+ixf3L2lw==" }, PARAMETERS) ?? "";

  test("the import writes what it needs in a text that fits the column", () => {
    expect(compact).toBe(`$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lw==$Bw==$${HASH}`);
    expect(compact.length).toBeLessThan(255);
    expect(readAs(firebaseScryptFormat, compact, { firebaseSignerKey: SIGNER_KEY })).toMatchObject({
      parameters: { n: 16_384, r: 8, p: 1 },
    });
  });

  test("the export's fields are taken in either alphabet, and none that is not base64", () => {
    const urlSafe = HASH.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    expect(firebaseHash({ passwordHash: urlSafe, salt: "42xEC-ixf3L2lw" }, PARAMETERS)).toBe(compact);
    expect(firebaseHash({ passwordHash: "", salt: "AAAA" }, PARAMETERS)).toBeNull();
    expect(firebaseHash({ passwordHash: HASH, salt: "not base64" }, PARAMETERS)).toBeNull();
    expect(firebaseHash({ passwordHash: HASH, salt: "" }, { ...PARAMETERS, saltSeparator: "" })).toContain(
      "$$$",
    );
  });

  test.each([
    ["no signer key", null],
    ["a signer key of another length", "AAAA"],
  ])("with %s a compact text is incomplete, and says what it needs", (_, firebaseSignerKey) => {
    const reading = readAs(firebaseScryptFormat, compact, { firebaseSignerKey });
    expect(faultOf(reading)).toBe("incomplete");
    expect(reading).toMatchObject({ reason: expect.stringContaining("passwords.legacy.firebaseSignerKey") });
  });

  test.each([
    ["$firebase-scrypt$ln=14,r=8$AAAA", "malformed"],
    [compact.replace("ln=14", "ln=0"), "malformed"],
    [compact.replace("ln=14", "ln=20"), "too-costly"],
    [`$firescrypt$ln=31,r=8,p=1$c2FsdHNhbHQ=$${HASH}$Bw==$${SIGNER_KEY}`, "too-costly"],
    [`$firescrypt$ln=14,r=8,p=1$c2FsdHNhbHQ=$${HASH}$Bw==$AAAA`, "malformed"],
    [`$fbscrypt$v=2,n=14,r=8,p=1,ss=Bw==,sk=${SIGNER_KEY}$c2FsdHNhbHQ=$${HASH}`, "malformed"],
    [`$fbscrypt$v=1,n=14,r=8,p=999,ss=Bw==,sk=${SIGNER_KEY}$c2FsdHNhbHQ=$${HASH}`, "too-costly"],
  ])("%s is %s", (stored, fault) => {
    expect(faultOf(readAs(firebaseScryptFormat, stored, { firebaseSignerKey: SIGNER_KEY }))).toBe(fault);
  });
});
