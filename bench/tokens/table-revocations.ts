import { largest, median } from "../online/statistics.ts";
import type { LookUps } from "./look-ups.ts";
import { figure, table } from "./markdown.ts";
import type { LagResults } from "./measure-lag.ts";
import type { MissedResults } from "./measure-missed.ts";
import type { OutageResults, Respondent } from "./measure-outage.ts";
import type { SetResults } from "./measure-set.ts";
import { OUTAGES, type Outage } from "./outage-server.ts";
import { count } from "./verdicts.ts";

/** From a logout to refusal elsewhere. */
export function lagTable({ runs }: LagResults): string {
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

/** Whether anything was missed. */
export function missedText({
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

/** What the set takes, and how long it loads. */
export function setTable({ loads, watchedLoads, large }: SetResults): string {
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

/** What look-ups feel of it. */
export function lookUpTable({ watchedLoads, large, idle, expired }: SetResults): string {
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

/** While PostgreSQL is gone. */
export function outageTable({ bound, runs }: OutageResults): string {
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
