import fc from "fast-check";
import { expect, test } from "vitest";
import { CLOCK_SKEW_SECONDS } from "../../../src/tokens/clock-skew.ts";
import type { RevocationKey } from "../../../src/tokens/revocations/revocation-key.ts";
import {
  createRevocationSet,
  EVERY_GENERATION,
  type RevocationSet,
} from "../../../src/tokens/revocations/revocation-set.ts";

interface Entry {
  readonly key: RevocationKey;
  readonly expires: number;
  readonly generation: number;
}

/** What the set is meant to be: a Map from which everything that has expired is taken at once. */
function createModel() {
  const entries = new Map<string, Entry>();
  return {
    entries,
    add(added: Entry): void {
      const { expires, generation } = entries.get(added.key.join()) ?? added;
      entries.set(added.key.join(), {
        key: added.key,
        expires: Math.max(expires, added.expires),
        generation: Math.max(generation, added.generation),
      });
    },
    expire(now: number): void {
      for (const [name, { expires }] of entries) if (expires + CLOCK_SKEW_SECONDS < now) entries.delete(name);
    },
  };
}

const word = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.nat(0xffff_ffff));

/** Few keys, so that they meet again; most of them in one shard, where they are in each other's way. */
const keys = fc.uniqueArray(fc.tuple(fc.oneof(fc.nat(3), word), word, word), {
  minLength: 1,
  maxLength: 60,
  selector: (key) => key.join(),
});

const addition = fc.record({
  which: fc.nat(),
  after: fc.integer({ min: -20, max: 60 }),
  generation: fc.oneof(fc.nat(5), fc.constant(EVERY_GENERATION)),
});

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: fc.array(addition, { minLength: 1, maxLength: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ passes: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ sweep: fc.constantFrom(1, 2_000, 4_096) }) },
);

function expectSame(set: RevocationSet, model: ReturnType<typeof createModel>, all: RevocationKey[]): void {
  const expected = all.map((key) => model.entries.get(key.join())?.generation ?? 0);
  expect(all.map(set.generationOf)).toEqual(expected);
  expect(set.size).toBeGreaterThanOrEqual(model.entries.size);
}

test("whatever is added, expires and is swept in whatever order, the set says what a Map says", () => {
  fc.assert(
    fc.property(keys, fc.array(action, { maxLength: 40 }), (all, actions) => {
      let now = 1_900_000_000;
      const set = createRevocationSet({ now: () => now });
      const model = createModel();
      for (const step of actions) {
        if ("passes" in step) now += step.passes;
        model.expire(now);
        if ("sweep" in step) set.sweep(step.sweep);
        for (const { which, after, generation } of "add" in step ? step.add : []) {
          const key = all[which % all.length] ?? [0, 0, 0];
          set.add(key, now + after, generation);
          model.add({ key, expires: now + after, generation });
          model.expire(now);
        }
        expectSame(set, model, all);
      }
      set.sweep(4_096);
      expect(set.size).toBe(model.entries.size);
    }),
    { numRuns: 300 },
  );
});
