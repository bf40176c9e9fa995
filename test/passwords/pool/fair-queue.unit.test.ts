import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFairQueue, type Waiting } from "../../../src/passwords/pool/fair-queue.ts";

interface Item extends Waiting {
  readonly name: string;
}

const LIMITS = { capacity: 10, perAddress: 4, perAccount: 2, perAccountAndAddress: 2 };

const item = (
  name: string,
  address?: string,
  account?: string,
  lane: Waiting["lane"] = "interactive",
): Item => ({
  ...{ name, lane },
  asker: { address, account },
});

function drain(queue: { next(): Item | undefined }): string[] {
  const names: string[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) names.push(next.name);
  return names;
}

describe("a fair queue", () => {
  test("lets addresses take turns, whoever came first with however many", () => {
    const queue = createFairQueue<Item>(LIMITS);
    for (const name of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.add(item(name, name.slice(0, 1)));
    expect(drain(queue)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
  });

  test("gives one address and one account no more than their share, and the others their places", () => {
    const queue = createFairQueue<Item>(LIMITS);
    const add = (...given: Parameters<typeof item>) => queue.add(item(...given));
    expect([1, 2, 3, 4, 5].map((number) => add(`a${number}`, "a"))).toEqual([
      null,
      null,
      null,
      null,
      "address",
    ]);
    expect([1, 2, 3].map((number) => add(`ada${number}`, `x${number}`, "ada"))).toEqual([
      null,
      null,
      "account",
    ]);
    expect(add("b1", "b", "bob")).toBeNull();
  });

  test("leaves the owner of an account places that somebody else at one address cannot take", () => {
    const queue = createFairQueue<Item>({
      ...LIMITS,
      perAddress: 10,
      perAccount: 6,
      perAccountAndAddress: 3,
    });
    const outcomes = [1, 2, 3, 4, 5].map((number) => queue.add(item(`${number}`, "attacker", "ada")));
    expect(outcomes).toEqual([null, null, null, "account", "account"]);
    expect(queue.add(item("ada", "home", "ada"))).toBeNull();
    expect([queue.next()?.name, queue.next()?.name]).toEqual(["1", "ada"]);
  });

  test("counts anew as soon as one has left, by its turn or because it was given up", () => {
    const queue = createFairQueue<Item>({ ...LIMITS, perAddress: 1 });
    const first = item("a1", "a");
    expect(queue.add(first)).toBeNull();
    expect(queue.add(item("a2", "a"))).toBe("address");
    expect(queue.remove(first)).toBe(true);
    expect(queue.remove(first)).toBe(false);
    expect(queue.add(item("a3", "a"))).toBeNull();
    expect(queue.next()?.name).toBe("a3");
    expect(queue.add(item("a4", "a"))).toBeNull();
  });

  test("serves the background only when nobody waits in person", () => {
    const queue = createFairQueue<Item>(LIMITS);
    queue.add(item("import", undefined, undefined, "background"));
    queue.add(item("ada", "a"));
    expect(drain(queue)).toEqual(["ada", "import"]);
  });

  test("a full background takes no place from those who wait in person", () => {
    const queue = createFairQueue<Item>({ ...LIMITS, capacity: 1 });
    expect(queue.add(item("import", undefined, undefined, "background"))).toBeNull();
    expect(queue.add(item("more", undefined, undefined, "background"))).toBe("full");
    expect(queue.add(item("ada", "a"))).toBeNull();
    expect(queue.add(item("bob", "b"))).toBe("full");
  });

  test("whatever comes and goes, holds its bounds, loses nothing and serves nothing twice", () => {
    const address = fc.constantFrom("a", "b", "c", "d", undefined);
    const account = fc.constantFrom("ada", "bob", "cyd", undefined);
    const action = fc.oneof(
      fc.record({ do: fc.constant("add" as const), address, account }),
      fc.record({ do: fc.constant("next" as const) }),
      fc.record({ do: fc.constant("remove" as const), which: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const queue = createFairQueue<Item>(LIMITS);
        const inside = new Set<Item>();
        for (const [number, step] of actions.entries()) {
          if (step.do === "add") {
            const added = item(`${number}`, step.address, step.account);
            if (queue.add(added) === null) inside.add(added);
          } else if (step.do === "next") {
            const next = queue.next();
            expect(next === undefined).toBe(inside.size === 0);
            if (next !== undefined) expect(inside.delete(next)).toBe(true);
          } else {
            const one = [...inside][step.which];
            if (one !== undefined) {
              expect(queue.remove(one)).toBe(true);
              inside.delete(one);
            }
          }
          const all = [...inside];
          expect(queue.size("interactive")).toBe(all.length);
          expect(all.length).toBeLessThanOrEqual(LIMITS.capacity);
          for (const name of ["a", "b", "c", "d"]) {
            const held = all.filter(({ asker }) => asker.address === name).length;
            expect(held).toBeLessThanOrEqual(LIMITS.perAddress);
          }
        }
      }),
    );
  });
});
