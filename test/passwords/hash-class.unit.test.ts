import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { createClassCollector } from "../../src/passwords/hash-class.ts";
import { createHashReader } from "../../src/passwords/registry.ts";

const read = createHashReader(parseConfiguration({}).passwords.legacy);

function classesOf(...hashes: string[]) {
  const collector = createClassCollector();
  for (const hash of hashes) collector.add(hash, read(hash));
  return collector.classes();
}

const argon2 = (parameters: string) =>
  `$argon2id$v=19$${parameters}$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc`;
const bcrypt = (cost: string) => `$2b$${cost}$${"a".repeat(53)}`;
const passlib = (rounds: number) =>
  `$pbkdf2-sha256$${rounds}$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ`;

describe("a class of hashes", () => {
  test("is stood for by its heaviest, however many numbers of iterations there are", () => {
    const all = Array.from({ length: 500 }, (_, number) => passlib(29_000 + number));
    expect(classesOf(...all, bcrypt("10"), bcrypt("12"), bcrypt("04")).map(({ stored }) => stored)).toEqual([
      passlib(29_499),
      bcrypt("12"),
    ]);
  });

  test("is another one for another variant, whose memory is met in another way", () => {
    const other = argon2("m=1024,t=2,p=1").replace("argon2id", "argon2i");
    expect(classesOf(argon2("m=1024,t=2,p=1"), other)).toHaveLength(2);
  });

  test("weighs argon2 by memory and passes: lanes share the same memory out", () => {
    const [heaviest] = classesOf(argon2("m=1024,t=2,p=8"), argon2("m=4096,t=2,p=1"));
    expect(heaviest?.stored).toBe(argon2("m=4096,t=2,p=1"));
  });

  test("is none for what verifies nothing", () => {
    expect(classesOf("!", "not a hash", bcrypt("20"))).toEqual([]);
  });
});
