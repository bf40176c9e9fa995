import { describe, expect, test } from "vitest";
import { createLevelKeeper } from "../../../src/passwords/pool/level.ts";

const OWN = { name: "argon2 variant=id", stored: "own", weight: 38_912 };
const BCRYPT = { name: "bcrypt", stored: "cost 12", weight: 12 };

describe("the level that failures are brought up to", () => {
  test("is that of new hashes, a little above, until another class is known", () => {
    const { microseconds, stored } = createLevelKeeper(OWN, 20_000).current();
    expect(stored).toBe("own");
    expect(microseconds).toBeGreaterThan(20_000);
    expect(microseconds).toBeLessThan(25_000);
  });

  test("is the slowest class's, and goes back when that one is no longer there", () => {
    const keeper = createLevelKeeper(OWN, 20_000);
    expect(keeper.unknown([OWN, BCRYPT])).toEqual([BCRYPT]);
    keeper.observe(BCRYPT, 200_000);
    expect(keeper.unknown([OWN, BCRYPT])).toEqual([]);
    expect(keeper.current().stored).toBe("cost 12");
    keeper.keepOnly([]);
    expect(keeper.current().stored).toBe("own");
  });

  test("follows what the slowest class took lately, without going by one slow moment", () => {
    const keeper = createLevelKeeper(OWN, 20_000);
    for (let number = 0; number < 40; number++) keeper.observe(OWN, number === 20 ? 900_000 : 30_000);
    expect(keeper.current().microseconds).toBeCloseTo(31_500);
  });

  test("goes by the heaviest of a class: a lighter one says nothing, a heavier one takes its place", () => {
    const keeper = createLevelKeeper(OWN, 20_000);
    keeper.observe(BCRYPT, 200_000);
    keeper.observe({ ...BCRYPT, stored: "cost 4", weight: 4 }, 1_000);
    expect(keeper.current().stored).toBe("cost 12");
    const heavier = { ...BCRYPT, stored: "cost 13", weight: 13 };
    expect(keeper.unknown([heavier])).toEqual([heavier]);
    keeper.observe(heavier, 400_000);
    expect(keeper.current()).toMatchObject({ stored: "cost 13", microseconds: 420_000 });
  });

  // A single hash of cost 16, made anew since, kept every failure at five seconds until the server started again.
  test("goes back when the heaviest of a class is no longer there, be it a lighter hash's turn or a new hash's", () => {
    const keeper = createLevelKeeper(OWN, 20_000);
    const [heavyBcrypt, heavyOwn] = [
      { ...BCRYPT, stored: "cost 16", weight: 16 },
      { ...OWN, stored: "heavy own", weight: 262_144 },
    ];
    keeper.observe(heavyBcrypt, 5_000_000);
    keeper.observe(heavyOwn, 900_000);
    expect(keeper.unknown([BCRYPT, OWN])).toEqual([BCRYPT]);
    keeper.keepOnly([BCRYPT, OWN]);
    expect(keeper.current()).toMatchObject({ stored: "own", microseconds: 21_000 });
    keeper.observe(BCRYPT, 200_000);
    expect(keeper.current()).toMatchObject({ stored: "cost 12", microseconds: 210_000 });
  });

  test("keeps what it knows of a class that is still the same", () => {
    const keeper = createLevelKeeper(OWN, 20_000);
    for (let number = 0; number < 40; number++) keeper.observe(OWN, 30_000);
    keeper.observe(BCRYPT, 25_000);
    keeper.keepOnly([BCRYPT, { ...OWN, stored: "another", weight: 10 }]);
    expect(keeper.unknown([BCRYPT, OWN])).toEqual([]);
    expect(keeper.current()).toMatchObject({ stored: "own", microseconds: 31_500 });
  });
});
