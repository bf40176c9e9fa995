import { setTimeout as sleep } from "node:timers/promises";
import type { Book } from "./book.ts";
import { type Ended, Run } from "./command-line.ts";
import { inspectEnd } from "./converge.ts";
import { connectTo, type Database, type Site, stageName } from "./site.ts";

const RUNS = 8;

/** How long to let everybody wait once the index is being built, in milliseconds. */
const BUILDING = 300;

/** How long the first may take until it builds the index, in milliseconds. */
const UNTIL_BUILDING = 30_000;

/**
 * Eight `up` at once, while somebody's old snapshot holds up the build of the index: whoever waited for another in
 * the server would deadlock with it. Returns what is wrong.
 */
export async function eightAtOnce(site: Site, book: Book): Promise<string[]> {
  const database = await site.copy(stageName(book.subject, "original"));
  const report = await connectTo(database.superuserUrl);
  await report.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
  const runs = Array.from({ length: RUNS }, () => new Run(["up", "--json"], database.url));
  await untilBuilding(site, database);
  await sleep(BUILDING);
  await report.end();
  const ended = await Promise.all(runs.map((run) => run.ended));
  const problems = [...judge(ended), ...(await inspectEnd(book, database, "grafted"))];
  await site.drop(database);
  return problems;
}

async function untilBuilding(site: Site, { name }: Database): Promise<void> {
  const sql =
    "SELECT FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%'";
  const until = performance.now() + UNTIL_BUILDING;
  while ((await site.administrate(sql, [name])).length === 0 && performance.now() < until) await sleep(10);
}

function judge(ended: readonly Ended[]): string[] {
  const failed = ended.filter(({ code }) => code !== 0);
  if (failed.length > 0)
    return failed.map(({ code, output }) => `one of eight ended with ${code}: ${output}`);
  const results = ended.map(({ output }) => JSON.parse(output) as { state: string; steps: unknown[] });
  const working = results.filter(({ steps }) => steps.length > 0).length;
  const applied = results.every(({ state }) => state === "applied");
  return working === 1 && applied
    ? []
    : [`${working} of eight applied something; all say applied: ${applied}`];
}
