import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startServer } from "../../scripts/support/server-process.ts";
import { type Application, fillApplication } from "../tokens/application.ts";
import { clock } from "../tokens/clock.ts";
import { type OutageServer, startOutageServer } from "../tokens/outage-server.ts";
import { spreadOf } from "../tokens/percentiles.ts";
import { type Asked, openMixedLoad } from "./mixed-load.ts";
import type { HttpBenchOptions } from "./options.ts";
import type { RestartRun } from "./results.ts";

/** Milliseconds of load before a restart, while PostgreSQL is away, and after. */
const [BEFORE, AWAY, AFTER] = [2_000, 3_000, 4_000];

const PEOPLE = 20;

const COMMAND = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Restarts PostgreSQL under a hundred requests a second, and sees who is answered what. */
export async function measureRestarts(
  { repeats }: HttpBenchOptions,
  { signal, say }: { readonly signal: AbortSignal; say(line: string): void },
): Promise<RestartRun[]> {
  const database = await startOutageServer();
  try {
    const application = await fillApplication(database.url);
    const server = await startServer({
      name: "authgraft",
      args: [COMMAND, "serve", "--port", "0"],
      environment: { DATABASE_URL: application.url, AUTHGRAFT_SECRET: application.secret },
      directory: database.directory,
      ready: /serves sign-in on http:\/\/localhost:(\d+)/,
    });
    try {
      const runs: RestartRun[] = [];
      for (let repeat = 1; repeat <= repeats; repeat++) {
        signal.throwIfAborted();
        const run = { repeat, ...(await restart(database, server.origin, application)) };
        runs.push(run);
        say(
          `restart #${repeat}: ${run.unavailable} of ${run.asked} told to come back, ${run.wrong} wrong, all well ${run.servedAfter.toFixed(0)} ms after its return`,
        );
      }
      return runs;
    } finally {
      await server.stop();
    }
  } finally {
    await database.remove();
  }
}

async function restart(
  database: OutageServer,
  origin: string,
  { emails, password }: Application,
): Promise<Omit<RestartRun, "repeat">> {
  const load = await openMixedLoad(origin, emails.slice(0, PEOPLE), password);
  load.begin();
  await sleep(BEFORE);
  await database.take("stopped");
  const gone = clock();
  await sleep(AWAY);
  await database.bringBack("stopped");
  const back = clock();
  await sleep(AFTER);
  return judge(await load.end(), gone, back);
}

function judge(asked: readonly Asked[], gone: number, back: number): Omit<RestartRun, "repeat"> {
  const unavailable = asked.filter(({ status }) => status === 503);
  const undecidable = asked.filter(({ sent, settled }) => sent >= gone && settled < back);
  const failed = asked.filter(({ status }) => status !== 200);
  const last = Math.max(back, ...failed.map(({ sent }) => sent));
  const well = asked
    .filter(({ sent, status }) => sent > last && status === 200)
    .map(({ settled }) => settled);
  return {
    asked: asked.length,
    unavailable: unavailable.length,
    wrong:
      asked.filter(({ status }) => status !== 200 && status !== 503).length +
      undecidable.filter(({ status }) => status === 200).length,
    slowestUnavailable: spreadOf(unavailable.map(({ sent, settled }) => settled - sent)).slowest,
    servedAfter: Math.max(0, Math.min(...well) - back),
  };
}
