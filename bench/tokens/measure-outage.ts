import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ServerProcess, startServer } from "../../scripts/support/server-process.ts";
import { type Application, fillApplication, signIn } from "./application.ts";
import type { Asked, Outcome } from "./asking.ts";
import { type Child, startChild } from "./child.ts";
import { clock } from "./clock.ts";
import type { Measuring } from "./measuring.ts";
import { OUTAGES, type Outage, type OutageServer, startOutageServer } from "./outage-server.ts";
import { spreadOf } from "./percentiles.ts";

/** Who is asked about a token: `auth.verify`, or `authgraft serve` by `GET /v1/users/me`. */
export type Respondent = "library" | "server";

/** What one respondent said in one outage about a token that it had accepted before; milliseconds. */
export interface OutageRun {
  readonly outage: Outage;
  readonly respondent: Respondent;
  readonly repeat: number;
  /** After the outage began the token was accepted for so long. */
  readonly acceptedFor: number;
  /** Accepted when what is known was older than it may be. */
  readonly acceptedTooLate: number;
  readonly unavailable: number;
  /** How long the slowest of them waited to hear that nobody can tell. */
  readonly slowestUnavailable: number;
  /** Told that the token is not good, or that something else is wrong; at any time. */
  readonly wrong: number;
  /** From when the database took connections again until every question was answered with yes. */
  readonly servedAfter: number;
}

/** What came of it. */
export interface OutageResults {
  /** Milliseconds that what is known may be old. */
  readonly bound: number;
  readonly runs: readonly OutageRun[];
}

/** Milliseconds before and after an outage, in which everybody is asked every 10 of them. */
const [BEFORE, AFTER] = [1_500, 3_000];

/** Milliseconds of an outage: where nobody says that nobody is there, those who ask wait for seconds. */
const LASTED: Readonly<Record<Outage, number>> = { frozen: 10_000, stopped: 5_000, killed: 5_000 };

/** `tokens.maxStalenessSeconds`, as it comes. */
const BOUND = 2_000;

const REPEATS = 3;

const ASKERS: Readonly<Record<Respondent, URL>> = {
  library: new URL("./children/ask-library.ts", import.meta.url),
  server: new URL("./children/ask-server.ts", import.meta.url),
};

const COMMAND = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Takes PostgreSQL away in each of the ways, and sees who is accepted and who is not until it is back. */
export async function measureOutage(measuring: Measuring): Promise<OutageResults> {
  const server = await startOutageServer();
  try {
    const application = await fillApplication(server.url);
    const runs = await withRespondents(measuring, server, application, async (askers) => {
      const made: OutageRun[] = [];
      for (let repeat = 1; repeat <= (measuring.options.quick ? 1 : REPEATS); repeat++) {
        for (const outage of OUTAGES) {
          const [token = ""] = await signIn(application, 1);
          made.push(...(await measureOne(server, askers, { outage, repeat, token })));
          for (const run of made.slice(-askers.size)) measuring.say(JSON.stringify(run));
        }
      }
      return made;
    });
    return { bound: BOUND, runs };
  } finally {
    await server.remove();
  }
}

async function withRespondents<Result>(
  { signal }: Measuring,
  { directory }: OutageServer,
  application: Application,
  use: (askers: ReadonlyMap<Respondent, Child>) => Promise<Result>,
): Promise<Result> {
  const server: ServerProcess = await startServer({
    name: "authgraft",
    args: [COMMAND, "serve", "--port", "0"],
    environment: { DATABASE_URL: application.url, AUTHGRAFT_SECRET: application.secret },
    directory,
    ready: /serves sign-in on http:\/\/localhost:(\d+)/,
  });
  const askers = new Map<Respondent, Child>();
  const start = async (respondent: Respondent, options: object) => {
    askers.set(respondent, await startChild(ASKERS[respondent], options, signal));
  };
  try {
    await start("library", application);
    await start("server", { origin: server.origin });
    return await use(askers);
  } finally {
    for (const asker of askers.values()) await asker.stop();
    await server.stop();
  }
}

interface Plan {
  readonly outage: Outage;
  readonly repeat: number;
  readonly token: string;
}

async function measureOne(
  server: OutageServer,
  askers: ReadonlyMap<Respondent, Child>,
  { outage, repeat, token }: Plan,
): Promise<OutageRun[]> {
  for (const asker of askers.values()) await untilAccepted(asker, token);
  for (const asker of askers.values()) await asker.call("begin", token);
  await sleep(BEFORE);
  await server.take(outage);
  const gone = clock();
  await sleep(LASTED[outage]);
  // A process that goes on does so at once; one that is started takes connections when it says so.
  const resumed = clock();
  await server.bringBack(outage);
  const back = outage === "frozen" ? resumed : clock();
  await sleep(AFTER);
  const runs: OutageRun[] = [];
  for (const [respondent, asker] of askers) {
    const asked = await asker.call<Asked[]>("end");
    runs.push({ outage, respondent, repeat, ...judge(asked, gone, back) });
  }
  return runs;
}

async function untilAccepted(asker: Child, token: string): Promise<void> {
  while ((await asker.call<Outcome>("ask", token)) !== "accepted") await sleep(20);
}

function judge(
  asked: readonly Asked[],
  gone: number,
  back: number,
): Omit<OutageRun, "outage" | "respondent" | "repeat"> {
  const meanwhile = asked.filter(({ sent, settled }) => sent >= gone && settled < back);
  const accepted = meanwhile.filter(({ outcome }) => outcome === "accepted");
  const unavailable = asked.filter(({ outcome }) => outcome === "unavailable");
  return {
    acceptedFor: Math.max(0, ...accepted.map(({ sent }) => sent - gone)),
    acceptedTooLate: accepted.filter(({ sent }) => sent > gone + BOUND).length,
    unavailable: unavailable.length,
    slowestUnavailable: spreadOf(unavailable.map(({ sent, settled }) => settled - sent)).slowest,
    wrong: asked.filter(({ outcome }) => outcome === "refused" || outcome === "failed").length,
    servedAfter: servedAfter(asked, back),
  };
}

/** Until the first yes after the last question that was not answered so. */
function servedAfter(asked: readonly Asked[], back: number): number {
  const failed = asked.filter(({ outcome }) => outcome !== "accepted").map(({ sent }) => sent);
  const from = Math.max(back, ...failed);
  const served = asked.filter(({ sent, outcome }) => sent > from && outcome === "accepted");
  return Math.min(...served.map(({ settled }) => settled)) - back;
}
