import { describe, expect, test } from "vitest";
import { createDraw } from "../../../src/migration/rehearse/traffic/draw.ts";
import type { TrafficStatement } from "../../../src/migration/rehearse/traffic/options.ts";
import { reportOf } from "../../../src/migration/rehearse/traffic/report.ts";
import { summarise, summariseBetween, timelineOf } from "../../../src/migration/rehearse/traffic/samples.ts";

const STATEMENTS: readonly TrafficStatement[] = [
  { name: "read", sql: "SELECT $1", parameters: [{ kind: "range", from: 5, to: 9 }], weight: 3 },
  {
    name: "write",
    sql: "SELECT $1, $2",
    parameters: [
      { kind: "counter", prefix: "n" },
      { kind: "list", values: ["a", "b"] },
    ],
  },
];

const SAMPLES = {
  at: Float64Array.of(0, 50, 99.9, 100, 350),
  latency: Float64Array.of(1, 3, 2, 200, 7),
  statement: Uint16Array.of(0, 0, 1, 1, 0),
};

describe("what is drawn", () => {
  test("is the same for the same seed, and another for another", () => {
    const drawn = (seed: number) => {
      const draw = createDraw(STATEMENTS, seed);
      return Array.from({ length: 20 }, () => {
        const place = draw.statement();
        return [place, ...draw.parameters(STATEMENTS[place] as TrafficStatement)];
      });
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  test("keeps to the range, the list and the weights; a counter never repeats", () => {
    const draw = createDraw(STATEMENTS, 1);
    const places = Array.from({ length: 4_000 }, () => draw.statement());
    const writes = places.filter((place) => place === 1).length;
    expect(writes).toBeGreaterThan(800);
    expect(writes).toBeLessThan(1_200);
    const [read, write] = STATEMENTS as [TrafficStatement, TrafficStatement];
    const ids = new Set(Array.from({ length: 200 }, () => draw.parameters(read)[0]));
    expect([...ids].sort()).toEqual([5, 6, 7, 8, 9]);
    const values = Array.from({ length: 200 }, () => draw.parameters(write));
    expect(new Set(values.map(([counted]) => counted)).size).toBe(200);
    expect(new Set(values.map(([, listed]) => listed))).toEqual(new Set(["a", "b"]));
  });
});

describe("latencies summed up", () => {
  test("percentiles are values that were measured, by nearest rank", () => {
    const thousand = Array.from({ length: 1_000 }, (_, place) => 1_000 - place);
    expect(summarise(thousand)).toEqual({
      count: 1_000,
      median: 500,
      p99: 990,
      p999: 999,
      slowest: 1_000,
      over100: 900,
    });
    expect(summarise([])).toEqual({ count: 0, median: 0, p99: 0, p999: 0, slowest: 0, over100: 0 });
  });

  test("by piece of time, and between two moments, by when a statement was due", () => {
    expect(timelineOf(SAMPLES, 100)).toEqual([
      { at: 0, count: 3, median: 2, slowest: 3 },
      { at: 100, count: 1, median: 200, slowest: 200 },
      { at: 300, count: 1, median: 7, slowest: 7 },
    ]);
    expect(summariseBetween(SAMPLES, 50, 100)).toMatchObject({ count: 2, slowest: 3 });
  });

  test("by statement, with its errors, and the slowest by name", () => {
    const errors = [{ code: "0A000", statement: "write", count: 2, message: "cached plan" }];
    const report = reportOf(
      { startedAt: 0, seconds: 1, samples: SAMPLES, errors, longestDelay: 0 },
      STATEMENTS,
    );
    expect(report.statements).toMatchObject([
      { name: "read", count: 3, slowest: 7, errors: 0 },
      { name: "write", count: 2, slowest: 200, over100: 1, errors: 2 },
      { name: "commit", count: 0, errors: 0 },
    ]);
    expect(report.slowest).toEqual({ statement: "write", at: 100, milliseconds: 200 });
  });
});
