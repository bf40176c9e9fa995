import { largest, median } from "../online/statistics.ts";
import type { Verdict } from "../online/verdicts.ts";
import type { HttpResults } from "./measure-http.ts";
import type { LagResults } from "./measure-lag.ts";
import type { MissedResults } from "./measure-missed.ts";
import type { OutageResults } from "./measure-outage.ts";
import type { SetResults } from "./measure-set.ts";
import type { Verifier, VerifyResults } from "./measure-verify.ts";
import type { Measured } from "./results.ts";

/** Microseconds of a token seen before, how many times faster than jose that is, and first sight to jose's. */
const [SEEN, FASTER, FIRST_SIGHT] = [5, 20, 1.15];

/** How many times as many requests a second. */
const REQUESTS = 5;

/** Milliseconds from a logout to refusal elsewhere. */
const LAG = 50;

/** Bytes a revoked token, seconds until a million is loaded, milliseconds of a look-up. */
const [BYTES, LOAD, LOOK_UP] = [48, 3, 1];

/** Milliseconds until everybody is served again. */
const SERVED = 1_000;

const OWN: readonly Verifier[] = [
  "authgraft, nothing revoked",
  "authgraft, one revoked",
  "authgraft, many revoked",
];

/** The goals of whatever was measured, each judged by the median of its repeats. */
export function verdictsOf({ verify, http, lag, missed, set, outage }: Measured): readonly Verdict[] {
  return [
    ...(verify === undefined ? [] : verifyVerdicts(verify)),
    ...(http === undefined ? [] : [httpVerdict(http)]),
    ...(lag === undefined ? [] : lagVerdicts(lag)),
    ...(missed === undefined ? [] : [missedVerdict(missed)]),
    ...(set === undefined ? [] : setVerdicts(set)),
    ...(outage === undefined ? [] : outageVerdicts(outage)),
  ];
}

/** The median of a verifier's rounds, in microseconds. */
export function meanOf({ seen }: VerifyResults, verifier: Verifier): number {
  return median(seen.filter((run) => run.verifier === verifier).map(({ mean }) => mean));
}

function verifyVerdicts(results: VerifyResults): Verdict[] {
  const own = OWN.map((verifier) => meanOf(results, verifier));
  const slowest = largest(own);
  const each = `${own.map((value) => value.toFixed(2)).join(", ")} µs with 0, 1, ${count(results.revoked)} revoked`;
  const jose = meanOf(results, "jose");
  const ratios = results.fresh.map((run) => run.authgraft.mean / run.jose.mean);
  return [
    {
      goal: `a token seen before is verified in under ${SEEN} µs, with live revocation`,
      passed: slowest < SEEN,
      figures: each,
    },
    {
      goal: `at least ${FASTER} × faster than \`jose.jwtVerify\` of the same token`,
      passed: jose >= FASTER * slowest,
      figures: `${(jose / slowest).toFixed(0)} ×: ${slowest.toFixed(2)} µs at the most, jose ${jose.toFixed(1)} µs`,
    },
    {
      goal: `at first sight at most ${FIRST_SIGHT} × jose's`,
      passed: median(ratios) <= FIRST_SIGHT,
      figures: `${median(ratios).toFixed(2)} × (${Math.min(...ratios).toFixed(2)} to ${largest(ratios).toFixed(2)})`,
    },
  ];
}

function httpVerdict({ connections, runs }: HttpResults): Verdict {
  const of = (product: string) => runs.filter((run) => run.product === product);
  const ratios = of("authgraft").map(
    ({ perSecond, repeat }) =>
      perSecond / (of("better-auth").find((run) => run.repeat === repeat)?.perSecond ?? 0),
  );
  const failed = of("authgraft").reduce((sum, run) => sum + run.failed, 0);
  return {
    goal: `\`GET /v1/users/me\` over ${connections} connections at least ${REQUESTS} × better-auth's session checks a second`,
    passed: median(ratios) >= REQUESTS && failed === 0,
    figures: `${median(ratios).toFixed(1)} × (${Math.min(...ratios).toFixed(1)} to ${largest(ratios).toFixed(1)}), ${failed} failed`,
  };
}

function lagVerdicts({ runs }: LagResults): Verdict[] {
  return runs
    .filter(({ listen, isBusy }) => listen && !isBusy)
    .map(({ processes, logouts, lag }) => ({
      goal: `${count(logouts)} logouts are known to ${processes === 2 ? "another process" : `${processes - 1} other processes`} within ${LAG} ms, at p99`,
      passed: lag.p99 < LAG,
      figures: `p50 ${lag.p50.toFixed(1)} ms, p99 ${lag.p99.toFixed(1)} ms, slowest ${lag.slowest.toFixed(1)} ms`,
    }));
}

function missedVerdict({ revocations, killed, keepers }: MissedResults): Verdict {
  const sum = (of: (keeper: MissedResults["keepers"][number]) => number) =>
    keepers.reduce((total, keeper) => total + of(keeper), 0);
  const [missed, wrong] = [sum((keeper) => keeper.missed), sum((keeper) => keeper.wrong)];
  return {
    goal: `none of ${count(revocations)} revocations is missed while listeners are cut off every second`,
    passed: missed === 0 && wrong === 0 && killed > 0,
    figures: `${missed} missed by ${keepers.length} processes, ${wrong} refused that were rolled back; ${killed} connections killed`,
  };
}

function setVerdicts({ loads, watchedLoads, large, idle, expired }: SetResults): Verdict[] {
  const sizes = [...loads.slice(0, 1), large];
  const seconds = loads.map((load) => load.seconds);
  const lookUps = [...watchedLoads, large].flatMap((load) => (load.lookUps === null ? [] : [load.lookUps]));
  const all = [
    ["loading", median(lookUps.map(({ call }) => call.p999)), median(lookUps.map(({ wait }) => wait.p999))],
    ["expiry", expired.lookUps.call.p999, expired.lookUps.wait.p999],
  ] as const;
  return [
    {
      goal: `at most ${BYTES} bytes a revoked token`,
      passed: sizes.every(({ bytes, entries }) => bytes <= BYTES * entries),
      figures: sizes
        .map(
          ({ bytes, entries, growth }) =>
            `${(bytes / entries).toFixed(1)} at ${count(entries)}, the process grew by ${(growth / entries).toFixed(1)}`,
        )
        .join("; "),
    },
    {
      goal: `${count(Math.round((loads[0]?.entries ?? 0) / 1_000) * 1_000)} are loaded in under ${LOAD} s`,
      passed: median(seconds) < LOAD,
      figures: `${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)} to ${largest(seconds).toFixed(2)})`,
    },
    ...all.flatMap(([during, call, wait]) => [
      {
        goal: `99.9 % of look-ups during ${during} take under ${LOOK_UP} ms`,
        passed: call < LOOK_UP * 1_000,
        figures: `p99.9 ${call.toFixed(1)} µs`,
      },
      {
        goal: `and with the wait for the event loop, whenever they come, under ${LOOK_UP} ms`,
        passed: wait < LOOK_UP,
        figures: `p99.9 ${wait.toFixed(2)} ms; while nothing happens ${idle.wait.p999.toFixed(2)} ms`,
      },
    ]),
  ];
}

function outageVerdicts({ bound, runs }: OutageResults): Verdict[] {
  const late = runs.reduce((sum, run) => sum + run.acceptedTooLate, 0);
  const wrong = runs.reduce((sum, run) => sum + run.wrong, 0);
  const silent = runs.filter(({ unavailable }) => unavailable === 0).length;
  const [accepted, served] = [runs.map((run) => run.acceptedFor), runs.map((run) => run.servedAfter)];
  return [
    {
      goal: `with PostgreSQL gone nobody is accepted after ${bound / 1_000} s, and nobody told anything but 503`,
      passed: late === 0 && wrong === 0 && silent === 0,
      figures: `accepted for ${(largest(accepted) / 1_000).toFixed(2)} s at the most, ${late} later; ${wrong} told otherwise`,
    },
    {
      goal: `with it back everybody is served within ${SERVED / 1_000} s`,
      passed: largest(served) <= SERVED,
      figures: `${(median(served) / 1_000).toFixed(2)} s, at the most ${(largest(served) / 1_000).toFixed(2)} s`,
    },
  ];
}

/** A whole number, for a reader. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
