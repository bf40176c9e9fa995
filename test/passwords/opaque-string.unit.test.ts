import { expect, test } from "vitest";
import { passwordCandidates } from "../../src/passwords/opaque-string.ts";

// A view of a larger memory takes all of it along to another thread, and with it what others have typed.
test("a password has memory to itself", () => {
  for (const candidate of passwordCandidates("cafe\u0301 noir")) {
    expect(candidate.buffer.byteLength).toBe(candidate.byteLength);
  }
});
