import { describe, expect, test } from "vitest";
import { createHashReader, PASSWORD_FORMATS } from "../../src/passwords/registry.ts";
import { type FormatSettings, isVerifiable } from "../../src/passwords/stored-hash.ts";
import { FIXED, LIMITS, PEPPER } from "./support/costs.ts";

const SETTINGS: FormatSettings = {
  unsalted: "refuse",
  pepper: PEPPER,
  firebaseSignerKey: null,
  digests: [],
};

/** The one whose cost stands in the configuration. */
const DESCRIBED = "described-digest: iterations";

const describeDigest = (iterations: number): FormatSettings => ({
  ...SETTINGS,
  digests: [
    {
      algorithm: "sha256",
      order: "salt-password",
      layout: "{salt}|{digest}",
      digestEncoding: "hex",
      saltEncoding: "text",
      iterations,
      iterateOver: "bytes",
    },
  ],
});

describe("what a stored text may cost is bounded before any work is done", () => {
  test("each bound of each format is tried", () => {
    const bounds = PASSWORD_FORMATS.flatMap(({ id, bounds }) =>
      bounds.map(({ parameter }) => `${id}: ${parameter}`),
    );
    const tried = LIMITS.map(({ format, parameter }) => `${format}: ${parameter}`);
    expect([...tried, ...FIXED, DESCRIBED].sort()).toEqual(bounds.sort());
  });

  test("each bound says why", () => {
    for (const { reason } of PASSWORD_FORMATS.flatMap(({ bounds }) => bounds)) expect(reason).not.toBe("");
  });

  test.for(LIMITS.map((limit) => [limit.format, limit.parameter, limit] as const))(
    "%s: as much %s as allowed is read, the least more is too costly",
    ([format, parameter, { most, beyond }]) => {
      const read = createHashReader(SETTINGS);
      expect(isVerifiable(read(most))).toBe(true);
      const reading = read(beyond);
      expect(reading).toMatchObject({ fault: "too-costly", format });
      if (!isVerifiable(reading)) expect(reading.reason).toContain(`Its ${parameter} is above`);
    },
  );

  test("a described digest may run a million times and no more", () => {
    const stored = `salt|${"0".repeat(64)}`;
    expect(isVerifiable(createHashReader(describeDigest(1_000_000))(stored))).toBe(true);
    expect(createHashReader(describeDigest(1_000_001))(stored)).toMatchObject({ fault: "too-costly" });
  });

  test.each([
    ["8 GiB of memory", `$argon2id$v=19$m=8388608,t=1,p=1$${"A".repeat(22)}$${"A".repeat(43)}`],
    ["2^31 rounds", `$6$rounds=2147483648$abcdefgh$${"a".repeat(86)}`],
    ["2^31 iterations", `$pbkdf2-sha256$i=2147483648$${"A".repeat(22)}$${"A".repeat(43)}`],
    ["a salt of 10 MB", `$pbkdf2-sha256$i=1000$${"A".repeat(10_000_000)}$${"A".repeat(43)}`],
  ])("%s is an answer", (_, stored) => {
    expect(isVerifiable(createHashReader(SETTINGS)(stored))).toBe(false);
  });
});
