import { hashSync } from "@node-rs/argon2";
import { describe, expect, test } from "vitest";
import { argon2Format } from "../../../src/passwords/formats/argon2.ts";
import { djangoArgon2Format } from "../../../src/passwords/formats/django-argon2.ts";
import { faultOf, matches, readAs } from "./reading.ts";

const SALT = "c29tZXNhbHQ";
const DIGEST = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
const shape = (parameters: string, version = "$v=19") =>
  `$argon2id${version}$${parameters}$${SALT}$${DIGEST}`;

describe("argon2", () => {
  test.each([
    ["8 GiB", "m=8388608,t=1,p=1"],
    ["a million passes", "m=1024,t=1000000,p=1"],
    ["much memory and many passes at once", "m=262144,t=16,p=1"],
    ["255 lanes", "m=65536,t=1,p=255"],
  ])("%s are beyond a bound", (_, parameters) => {
    expect(faultOf(readAs(argon2Format, shape(parameters)))).toBe("too-costly");
  });

  test.each(["m=64,t=1,p=1,keyid=c2Vj", "m=64,t=1,p=1,data=ZGF0YQ", "m=64,t=1,p=1,keyid=c2Vj,data=ZGF0YQ"])(
    "%s is refused: what it was made with besides is not in it",
    (parameters) => {
      expect(faultOf(readAs(argon2Format, shape(parameters)))).toBe("refused");
    },
  );

  test.each(["m=15,t=1,p=2", "m=8,t=0,p=1", "m=8,t=1,p=0", "t=1,m=8,p=1", "m=8,t=1,p=1,q=5", "m=8,t=1"])(
    "%s is malformed",
    (parameters) => {
      expect(faultOf(readAs(argon2Format, shape(parameters)))).toBe("malformed");
    },
  );

  test.each(["m=08,t=1,p=1", "m=8,t=01,p=1", "m=8,t=1,p=01"])(
    "a number with a zero before it is malformed: %s",
    (parameters) => {
      expect(faultOf(readAs(argon2Format, shape(parameters)))).toBe("malformed");
    },
  );

  test.each(["$v=17", "$v=20", "$v="])("the version %s is malformed", (version) => {
    expect(faultOf(readAs(argon2Format, shape("m=8,t=1,p=1", version)))).toBe("malformed");
  });

  test("salts and digests that are too short or longer than any column are malformed", () => {
    for (const [salt, digest] of [
      ["AAAA", DIGEST],
      ["", DIGEST],
      ["A".repeat(10_000_000), DIGEST],
      [SALT, "AAAA"],
      [SALT, ""],
    ]) {
      const stored = `$argon2id$v=19$m=8,t=1,p=1$${salt}$${digest}`;
      expect(faultOf(readAs(argon2Format, stored))).toBe("malformed");
    }
  });

  test("Django's prefix is all that differs", () => {
    const stored = hashSync("correct horse", { memoryCost: 64, timeCost: 1 });
    const reading = readAs(djangoArgon2Format, `argon2${stored}`);
    expect(reading).toMatchObject({ format: "django-argon2" });
    expect(matches(reading, "correct horse")).toBe(true);
    expect(faultOf(readAs(djangoArgon2Format, `argon2$${stored}`))).toBe("malformed");
    expect(readAs(djangoArgon2Format, stored)).toBeNull();
  });
});
