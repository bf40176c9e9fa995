import { largest, median } from "../online/statistics.ts";
import type { LookUps } from "./look-ups.ts";
import type { HttpResults } from "./measure-http.ts";
import type { LagResults } from "./measure-lag.ts";
import type { MissedResults } from "./measure-missed.ts";
import type { OutageResults, Respondent } from "./measure-outage.ts";
import type { SetResults } from "./measure-set.ts";
import type { Verifier, VerifyResults } from "./measure-verify.ts";
import { OUTAGES, type Outage } from "./outage-server.ts";
import type { BenchResults, Measured } from "./results.ts";
import { count, meanOf, verdictsOf } from "./verdicts.ts";

/** What was measured on, and how, in a few lines. */
export function surroundingsOf({
  date,
  machine,
  node,
  postgres,
  peers,
  options,
  stolen,
}: BenchResults): string {
  const most = largest(Object.values(stolen).map((part) => part ?? 0));
  const host =
    most < 0.005
      ? ""
      : ` The machine's host took up to ${(100 * most).toFixed(0)} % of the processors' time for others.`;
  return (
    `${date}, ${machine}, Node.js ${node}, PostgreSQL ${postgres}, better-auth ${peers.betterAuth}, ` +
    `fast-jwt ${peers.fastJwt}, jose ${peers.jose}; ${options.repeats} repeats, in turn.${host}`
  );
}

/** The whole as text. */
export function printResults(results: BenchResults): string {
  return [surroundingsOf(results), verdictList(results.measured), ...tablesOf(results.measured)].join("\n\n");
}

/** Each goal, whether it was reached, by which figures. */
export function verdictList(measured: Measured): string {
  const lines = verdictsOf(measured).map(
    ({ goal, passed, figures }) => `| ${goal} | ${passed ? "yes" : "**no**"} | ${figures} |`,
  );
  return ["| goal | reached | figures |", "|---|---|---|", ...lines].join("\n");
}

/** A table for each measurement that was made. */
export function tablesOf({ verify, http, lag, missed, set, outage }: Measured): string[] {
  return [
    ...(verify === undefined ? [] : [seenTable(verify), freshTable(verify)]),
    ...(http === undefined ? [] : [httpTable(http)]),
    ...(lag === undefined ? [] : [lagTable(lag)]),
    ...(missed === undefined ? [] : [missedText(missed)]),
    ...(set === undefined ? [] : [setTable(set), lookUpTable(set)]),
    ...(outage === undefined ? [] : [outageTable(outage)]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** As a reader sees it; what it may cost to be wrong is said beside. */
const VERIFIERS: readonly (readonly [Verifier, (revoked: string) => string])[] = [
  ["authgraft, nothing revoked", () => "`auth.verify`, nothing is revoked"],
  ["authgraft, one revoked", () => "`auth.verify`, one token is revoked"],
  ["authgraft, many revoked", (revoked) => `\`auth.verify\`, ${revoked} tokens are revoked`],
  ["fast-jwt, its cache", () => "fast-jwt with its cache"],
  ["fast-jwt", () => "fast-jwt"],
  ["jose", () => "`jose.jwtVerify`"],
  ["jose and SELECT", (revoked) => `\`jose.jwtVerify\`, then \`SELECT … FROM revoked_tokens\` of ${revoked}`],
  ["better-auth", () => "better-auth's `auth.api.getSession`"],
];

/** Verifying a token that was seen before. */
function seenTable(results: VerifyResults): string {
  const { seen, accepts, revoked } = results;
  const rows = VERIFIERS.map(([verifier, name]) => {
    const runs = seen.filter((run) => run.verifier === verifier);
    const of = (share: "p50" | "p99" | "p999") => figure(median(runs.map(({ spread }) => spread[share])));
    const mean = meanOf(results, verifier);
    const verdict = accepts[verifier];
    const refuses = verdict === undefined ? "asks its sessions" : verdict ? "**no**" : "yes";
    return [
      name(count(revoked)),
      figure(mean),
      of("p50"),
      of("p99"),
      of("p999"),
      count(Math.round(1e6 / mean)),
      refuses,
    ];
  });
  return table(
    ["a token seen before", "µs each", "p50", "p99", "p99.9", "a second", "refuses it once it is revoked"],
    rows,
  );
}

function freshTable({ fresh }: VerifyResults): string {
  const row = (name: string, of: "authgraft" | "jose") => {
    const at = (share: "mean" | "p50" | "p99") => figure(median(fresh.map((run) => run[of][share])));
    return [name, at("mean"), at("p50"), at("p99")];
  };
  return table(
    ["a token seen for the first time", "µs each", "p50", "p99"],
    [row("`auth.verify`", "authgraft"), row("`jose.jwtVerify` of the same tokens", "jose")],
  );
}

function httpTable({ connections, runs }: HttpResults): string {
  const row = (name: string, product: string) => {
    const own = runs.filter((run) => run.product === product);
    const perSecond = own.map((run) => run.perSecond);
    return [
      name,
      ...[Math.min(...perSecond), median(perSecond), largest(perSecond)].map((value) =>
        count(Math.round(value)),
      ),
      ...(["p50", "p99"] as const).map((share) => figure(median(own.map(({ spread }) => spread[share])))),
      own.reduce((sum, { failed }) => sum + failed, 0),
    ];
  };
  return table(
    [`over ${connections} connections`, "lowest a second", "median", "highest", "p50 ms", "p99 ms", "failed"],
    [
      row("Authgraft, `GET /v1/users/me`", "authgraft"),
      row("better-auth, `GET /api/auth/get-session`", "better-auth"),
    ],
  );
}

function lagTable({ runs }: LagResults): string {
  const rows = runs.map(({ processes, listen, isBusy, logouts, lag }) => [
    processes,
    listen ? "LISTEN" : "polling",
    isBusy ? "without a pause" : "every ms",
    count(logouts),
    ...[lag.p50, lag.p99, lag.slowest].map(figure),
  ]);
  return table(
    [
      "processes",
      "follow by",
      "look",
      "logouts",
      "from COMMIT until the last refuses, p50 ms",
      "p99 ms",
      "slowest ms",
    ],
    rows,
  );
}

function missedText({
  revocations,
  transactions,
  late,
  rolledBack,
  seconds,
  killed,
  keepers,
}: MissedResults): string {
  const rows = keepers.map(({ interruptions, entries, missed, wrong, caughtUp }, index) => [
    index + 1,
    interruptions,
    count(entries),
    missed,
    wrong,
    caughtUp.toFixed(0),
  ]);
  const storm =
    `${count(revocations)} revocations in ${count(transactions)} transactions within ${seconds.toFixed(0)} s, ${count(late)} of them ` +
    `open for up to three seconds and ${count(rolledBack)} rolled back; ${killed} connections of listeners killed meanwhile:`;
  const head = [
    "process",
    "cut off",
    "entries",
    "missed",
    "refused though rolled back",
    "knew all after the last commit, ms",
  ];
  return `${storm}\n\n${table(head, rows)}`;
}

function setTable({ loads, watchedLoads, large }: SetResults): string {
  const middle = (of: (load: SetResults["large"]) => number, from: readonly SetResults["large"][]) =>
    median(from.map(of));
  const row = (name: string, from: readonly SetResults["large"][]) => {
    const entries = middle((load) => load.entries, from);
    const each = (of: (load: SetResults["large"]) => number) => (middle(of, from) / entries).toFixed(1);
    const seconds = middle((load) => load.seconds, from).toFixed(2);
    return [name, count(entries), each(({ bytes }) => bytes), each(({ growth }) => growth), seconds];
  };
  return table(
    ["loaded from the database", "revoked tokens", "bytes each", "the process grew by, each", "s"],
    [
      row("nothing else to do", loads),
      row("a look-up in every turn", watchedLoads),
      row("a look-up in every turn", [large]),
    ],
  );
}

function lookUpTable({ watchedLoads, large, idle, expired }: SetResults): string {
  const row = (name: string, from: readonly (LookUps | null)[]) => {
    const own = from.flatMap((lookUps) => (lookUps === null ? [] : [lookUps]));
    const at = (of: (lookUps: LookUps) => number) => figure(median(own.map(of)));
    return [
      name,
      at(({ call }) => call.p50),
      at(({ call }) => call.p999),
      at(({ call }) => call.slowest),
      at(({ wait }) => wait.p999),
      at(({ wait }) => wait.slowest),
    ];
  };
  const [before, after] = expired.entries.map(count);
  return table(
    ["look-ups", "p50 µs", "p99.9 µs", "slowest µs", "wait for a turn, p99.9 ms", "longest turn ms"],
    [
      row(
        `while ${count(watchedLoads[0]?.entries ?? 0)} are loaded`,
        watchedLoads.map(({ lookUps }) => lookUps),
      ),
      row(`while ${count(large.entries)} are loaded`, [large.lookUps]),
      row("while half of those expire, swept from ".concat(`${before} to ${after}`), [expired.lookUps]),
      row("while nothing happens", [idle]),
    ],
  );
}

const WHAT: Readonly<Record<Outage, string>> = {
  frozen: "hangs (SIGSTOP)",
  stopped: "stops at once (immediate)",
  killed: "is killed (SIGKILL)",
};

const WHO: Readonly<Record<Respondent, string>> = {
  library: "`auth.verify`",
  server: "`GET /v1/users/me` of `authgraft serve`",
};

function outageTable({ bound, runs }: OutageResults): string {
  const rows = OUTAGES.flatMap((outage) =>
    (["library", "server"] as const).map((respondent) => {
      const own = runs.filter((run) => run.outage === outage && run.respondent === respondent);
      const most = (of: (run: OutageResults["runs"][number]) => number) => largest(own.map(of));
      return [
        `${WHAT[outage]}`,
        WHO[respondent],
        most((run) => run.acceptedFor).toFixed(0),
        own.reduce((sum, run) => sum + run.acceptedTooLate, 0),
        own.reduce((sum, run) => sum + run.unavailable, 0),
        most((run) => run.slowestUnavailable).toFixed(0),
        own.reduce((sum, run) => sum + run.wrong, 0),
        most((run) => run.servedAfter).toFixed(0),
      ];
    }),
  );
  return table(
    [
      ...[
        "PostgreSQL",
        "asked every 10 ms",
        "accepted for ms, at the most",
        `accepted after ${bound / 1_000} s`,
      ],
      ...["503", "slowest 503, ms", "anything else", "served after its return, ms at the most"],
    ],
    rows,
  );
}

/** Three figures that count, whatever the size. */
function figure(value: number): string {
  if (value >= 100) return count(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
