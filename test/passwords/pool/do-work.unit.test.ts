import { createHash } from "node:crypto";
import { hashSync } from "@node-rs/bcrypt";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { createDoWork } from "../../../src/passwords/pool/do-work.ts";
import type { AnswerTo, Work } from "../../../src/passwords/pool/work.ts";

const PASSWORD = Buffer.from("correct horse");
const SLOWEST = hashSync(PASSWORD, { cost: 8 });
const HALF_AS_SLOW = hashSync(PASSWORD, { cost: 7 });
const salt = Buffer.from("salt");
const digest = createHash("sha1").update(PASSWORD).update(salt).digest();
const CHEAP = `sha1:${salt.toString("hex")}:${digest.toString("hex")}`;

const { passwords } = parseConfiguration({
  passwords: {
    legacy: {
      digests: [
        { algorithm: "sha1", order: "password-salt", layout: "sha1:{salt}:{digest}", saltEncoding: "hex" },
      ],
    },
  },
});

/** A thread's work on a clock that ticks at every look, so that nothing depends on the machine. */
function work(tick: number) {
  let time = 0;
  const now = () => {
    time += tick;
    return time;
  };
  const doWork = createDoWork({ hashes: passwords, formats: passwords.legacy, niceness: 0 }, now);
  const verify = (stored: string | null, ...candidates: Buffer[]) => {
    time = 0;
    const level = { stored: SLOWEST, microseconds: 1_000 };
    const asked: Work = { kind: "verify", stored, candidates, level };
    return { ...(doWork(asked) as AnswerTo<typeof asked>), took: time };
  };
  return verify;
}

const WRONG = Buffer.from("wrong horse");

describe("a verification that fails", () => {
  // At 10 a look, what is looked at twice takes 10 of the level's 1,000: cheap.
  test.each([
    ["where there is no hash", null],
    ["against a cheap hash", CHEAP],
  ])("%s does the slowest class's own work, and what is left of the level", (_, stored) => {
    const answer = work(10)(stored, WRONG);
    expect(answer.place).toBe(-1);
    expect(answer.levelMicroseconds).toBe(10);
    expect(answer.took).toBeGreaterThanOrEqual(1_000);
  });

  test("against a hash that is not cheap fills up what its own work leaves of the level", () => {
    const answer = work(60)(HALF_AS_SLOW, WRONG);
    expect(answer).toMatchObject({ place: -1, microseconds: 60, levelMicroseconds: null });
    expect(answer.took).toBeGreaterThanOrEqual(1_000);
  });

  test("costs as much for each reading of the password, which depends on the password alone", () => {
    expect(work(10)(null, WRONG, PASSWORD).took).toBeGreaterThanOrEqual(2_000);
  });
});

describe("a verification that succeeds", () => {
  test.each([
    [SLOWEST, [PASSWORD], 0],
    [CHEAP, [WRONG, PASSWORD], 1],
  ])("is answered at once", (stored, candidates, place) => {
    const answer = work(10)(stored, ...candidates);
    expect(answer).toMatchObject({ place, levelMicroseconds: null });
    expect(answer.took).toBeLessThan(100);
  });
});

test("whatever the level is, a text that verifies nothing is no match", () => {
  expect(work(10)("$2b$10$broken", PASSWORD).place).toBe(-1);
});
