import { describe, expect, test } from "vitest";
import { growthOf, type Sample } from "../../scripts/soak/growth.ts";

const MEBIBYTE = 2 ** 20;

/** A heap that garbage is collected from every few samples, over ten minutes, with what is left growing by so much in all. */
function heapThat(grows: number, { warmUp = 0 } = {}): Sample[] {
  return Array.from({ length: 600 }, (_, at) => {
    const kept = 40 * MEBIBYTE + (grows * MEBIBYTE * at) / 600 + warmUp * MEBIBYTE * Math.min(1, at / 200);
    const garbage = (at % 7) * 3 * MEBIBYTE + ((at * 7_919) % 13) * 10_000;
    return { at, heap: kept + garbage, resident: kept + 60 * MEBIBYTE };
  });
}

describe("memory", () => {
  test.each([
    ["stays", heapThat(0)],
    ["shrinks", heapThat(-10)],
    ["is taken in the beginning, and no more later", heapThat(0, { warmUp: 50 })],
    ["grows by less than matters", heapThat(1)],
    ["was looked at once", heapThat(0).slice(0, 1)],
    ["was never looked at", []],
  ])("that %s is steady", (_, samples) => {
    expect(growthOf(samples, "heap").isSteady).toBe(false);
    expect(growthOf(samples, "resident").isSteady).toBe(false);
  });

  test.each([8, 40, 400])("that grows by %i MiB in ten minutes is seen, garbage or not", (grows) => {
    for (const figure of ["heap", "resident"] as const) {
      const growth = growthOf(heapThat(grows), figure);
      expect(growth.isSteady).toBe(grows > 8 || figure === "heap");
      expect(growth.perHour / MEBIBYTE / 6).toBeGreaterThan(grows * 0.8);
      expect(growth.perHour / MEBIBYTE / 6).toBeLessThan(grows * 1.2);
    }
  });
});
