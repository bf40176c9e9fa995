import { expect, onTestFinished, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { classOf } from "../../src/passwords/hash-class.ts";
import { createLevels } from "../../src/passwords/levels.ts";
import { createHashingPool } from "../../src/passwords/pool/hashing-pool.ts";
import { createHashReader } from "../../src/passwords/registry.ts";
import { isVerifiable } from "../../src/passwords/stored-hash.ts";

const { passwords } = parseConfiguration({});
const read = createHashReader(passwords.legacy);

function hashClass(stored: string) {
  const reading = read(stored);
  if (!isVerifiable(reading)) throw new Error(reading.reason);
  return classOf(stored, reading);
}

const BCRYPT = `$2b$08$${"a".repeat(53)}`;
// As heavy as SHA-512 crypt gets by the password's length alone: some ten times, from 16 bytes to 512.
const SHA512_CRYPT = `$6$rounds=10000$LKO/Ute40T3FNF95$${".".repeat(86)}`;

async function openLevels() {
  const pool = createHashingPool({ hashes: passwords, formats: passwords.legacy }, { threads: 1 });
  onTestFinished(() => pool.close());
  return createLevels(pool, hashClass(BCRYPT));
}

test("a class that reads all of a password in each round is the slowest for long ones", async () => {
  const levels = await openLevels();
  await levels.learn([hashClass(SHA512_CRYPT)]);
  expect(levels.of(512).current().stored).toBe(SHA512_CRYPT);
  expect(levels.of(65).current()).toEqual(levels.of(512).current());
});

test("what logins with long passwords took raises nobody's level", async () => {
  const levels = await openLevels();
  const before = [16, 512].map((bytes) => levels.of(bytes).current());
  levels.of(65).observe(hashClass(BCRYPT), 900_000_000);
  levels.of(16_000).observe(hashClass(SHA512_CRYPT), 900_000_000);
  expect([16, 512].map((bytes) => levels.of(bytes).current())).toEqual(before);
});
