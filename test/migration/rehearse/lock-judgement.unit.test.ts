import { describe, expect, test } from "vitest";
import { judge, type Measured, unseen } from "../../../src/migration/rehearse/gates/lock-judgement.ts";
import { reportOf, type TrafficError } from "../../../src/migration/rehearse/traffic/report.ts";

const NOTHING = { attempts: 1, longest_wait_ms: 0, longest_blocked_ms: 0, cancelled: 0, waited_ms: 0 };
const BEGAN = 1_000_000;

interface Case {
  /** When each query was due, in milliseconds, and how long it took. */
  readonly queries?: readonly (readonly [number, number])[];
  readonly gaps?: readonly (readonly [number, number])[];
  readonly errors?: readonly TrafficError[];
  readonly errorsAlone?: readonly TrafficError[];
  readonly blockedByDown?: number;
  readonly statements?: readonly string[];
}

/** `up` from 100 ms to 400 ms, `down` from 600 ms to 800 ms. */
function measured(given: Case): Measured {
  const { queries = [[0, 1]], gaps = [], errors = [], errorsAlone = [], blockedByDown = 0 } = given;
  const statements = (given.statements ?? ["read", "write"]).map((name) => ({
    name,
    sql: "",
    parameters: [],
  }));
  const samples = {
    at: Float64Array.from(queries, ([at]) => at),
    latency: Float64Array.from(queries, ([, latency]) => latency),
    statement: new Uint16Array(queries.length),
  };
  const period = ([from, to]: readonly [number, number]) => ({ from: BEGAN + from, to: BEGAN + to });
  return {
    spans: [
      { label: "up", ...period([100, 400]) },
      { label: "down", ...period([600, 800]) },
    ],
    up: { state: "applied", refusals: [], locks: NOTHING },
    down: { state: "pending", refusals: [], locks: { ...NOTHING, longest_blocked_ms: blockedByDown } },
    traffic: reportOf({ startedAt: BEGAN, seconds: 1, samples, errors, longestDelay: 0 }, statements),
    watched: {
      ...{ longestWait: 0, longestWaitFor: null, looks: 9, longestGap: 3, locks: [] },
      gaps: gaps.map(period),
    },
    errorsAlone,
  };
}

describe("where nobody looked for longer than the budget", () => {
  test.each<[string, Case, unknown]>([
    [
      "a slow query in the gap may have waited",
      { queries: [[210, 70]], gaps: [[200, 300]] },
      { gap: 100, latency: 70 },
    ],
    [
      "the slowest is told",
      {
        queries: [
          [210, 60],
          [215, 70],
        ],
        gaps: [[200, 300]],
      },
      { gap: 100, latency: 70 },
    ],
    ["a fast one has not", { queries: [[210, 50]], gaps: [[200, 300]] }, null],
    ["one that the next look found had been seen", { queries: [[260, 70]], gaps: [[200, 300]] }, null],
    ["one at another time was looked at", { queries: [[500, 70]], gaps: [[200, 300]] }, null],
    ["nobody waits for what does not run", { queries: [[450, 70]], gaps: [[440, 540]] }, null],
    ["what was seen decides", { queries: [[210, 70]], gaps: [[200, 300]], blockedByDown: 60 }, null],
  ])("%s", (_, given, found) => {
    expect(unseen(50, measured(given))).toEqual(found);
  });

  test("the gate says that it could not be measured", () => {
    const outcome = judge(50, measured({ queries: [[210, 70]], gaps: [[200, 300]] }));
    expect(outcome).toMatchObject({ passed: false, value: null });
    expect(outcome.detail).toMatch(/^It could not be measured, twice: for 100 ms nobody .* took 70 ms/);
    const fast = judge(50, measured({ gaps: [[200, 300]] }));
    expect(fast).toMatchObject({
      passed: true,
      detail: expect.stringContaining("for up to 100 ms at a time"),
    });
  });
});

test("what down has seen waiting behind it counts as well", () => {
  const outcome = judge(50, measured({ blockedByDown: 61 }));
  expect(outcome).toMatchObject({ passed: false, evidence: { longestWaitMilliseconds: 61 } });
});

describe("errors of the traffic", () => {
  const refused = (count: number): TrafficError => ({
    ...{ code: "23514", statement: "write", count },
    message: 'new row for relation "users" violates check constraint "adults"',
  });

  test("fail the gate", () => {
    const outcome = judge(50, measured({ errors: [refused(3)] }));
    expect(outcome.detail).toMatch(/^Queries failed while up and down ran: write: new row .* \(3 times\)/);
  });

  test("are the application's own where it meets them by itself, unless there are more than twice as many", () => {
    const own = judge(50, measured({ errors: [refused(3)], errorsAlone: [refused(2)] }));
    expect(own).toMatchObject({
      passed: true,
      detail: expect.stringContaining("none failed that does not fail without Authgraft"),
    });
    const many = judge(50, measured({ errors: [refused(5)], errorsAlone: [refused(2)] }));
    expect(many.passed).toBe(false);
  });

  test("are told without what an application's function says", () => {
    const raised = { code: "P0001", statement: "write", count: 1, message: "lovelace is not welcome" };
    const outcome = judge(50, measured({ errors: [raised] }));
    expect(JSON.stringify(outcome)).not.toContain("lovelace");
  });
});

test("traffic that could only read says so", () => {
  const outcome = judge(50, measured({ statements: ["read"] }));
  expect(outcome).toMatchObject({
    passed: true,
    detail: expect.stringContaining("Rows were only read"),
    evidence: { statements: ["read"] },
  });
});
