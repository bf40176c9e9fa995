import { setTimeout as sleep } from "node:timers/promises";
import { applicationQuery, applicationStatements } from "../../src/embedded/application-statements.ts";
import { verify } from "../../src/migration/verify.ts";
import type { Book } from "./book.ts";
import type { Runner } from "./command-line.ts";
import type { Kill } from "./draw.ts";
import type { Holder } from "./holder.ts";
import { missingFrom, readHoldings } from "./holdings.ts";
import { differences, takePicture } from "./picture.ts";
import type { Direction, Stage } from "./scenario.ts";
import { type Database, withClient } from "./site.ts";

/** How long somebody who holds the next run up goes on, in milliseconds. */
const HOLDING_ON = 400;

/** How long a server process may take to notice that its client is gone, in milliseconds. */
const LINGERING = 5_000;

/** What is wrong right after a kill, before anything is put right. */
export async function inspectWreck(kill: Kill, database: Database): Promise<string[]> {
  const { book, scenario } = kill;
  const wanted = book.pictures.get(scenario.from);
  const lost = await withClient(database.superuserUrl, async (client) => {
    const { live, archived } = await readHoldings(client, book.subject.sample === "a");
    return missingFrom(
      new Set([...(wanted?.live ?? []), ...(wanted?.archived ?? [])]),
      new Set([...live, ...archived]),
    );
  });
  const failed = kill.oldApplication ? await runOldApplication(kill, database) : [];
  return [...lost.map((line) => `lost by the kill: ${line}`), ...failed];
}

/** The old application knows of nothing: each of its statements affects its row, fence or no fence. */
async function runOldApplication({ book, number }: Kill, { url }: Database): Promise<string[]> {
  return withClient(url, async (client) => {
    await client.query("SET statement_timeout = '15s'");
    const failed: string[] = [];
    for (const statement of applicationStatements(book.subject.sample)) {
      const what = `the old application's ${statement.id}`;
      await client.query(applicationQuery(statement, number)).then(
        ({ rowCount }) => rowCount !== 1 && failed.push(`${what} affected ${rowCount} rows`),
        (error: Error) => failed.push(`${what}: ${error.message}`),
      );
    }
    return failed;
  });
}

/** What leads to another end than the command that was killed, and that end. */
const OPPOSITES: Readonly<Record<Direction, readonly [commands: readonly Direction[], end: Stage]>> = {
  up: [["down"], "original"],
  down: [["up"], "grafted"],
  "down --archive": [["up", "up --restore"], "filled"],
  "up --restore": [["down --archive", "up --restore"], "restored"],
};

/** Runs what comes next to its end, and says what is wrong then. */
export async function converge(
  kill: Kill,
  database: Database,
  holder: Holder | null,
  run: Runner,
): Promise<string[]> {
  const [commands, end] = plannedEnd(kill);
  const letGo = holder === null ? undefined : sleep(HOLDING_ON).then(() => holder.letGo());
  for (const command of commands) {
    const { code, output } = await run(command, database.url);
    await letGo;
    if (!isFine(kill, command, code, output)) return [`${command} afterwards ended with ${code}: ${output}`];
  }
  const { book, scenario } = kill;
  const problems = await inspectEnd(book, database, end);
  return problems.map((problem) => `after ${scenario.direction} and what came next: ${problem}`);
}

function plannedEnd({ next, scenario }: Kill): readonly [readonly Direction[], Stage] {
  return next === "same" ? [[scenario.direction], scenario.to] : OPPOSITES[scenario.direction];
}

/** Where the kill left an archive decides what an opposite command finds; refusing to overwrite one is right. */
function isFine({ next, scenario }: Kill, command: Direction, code: number | null, output: string): boolean {
  if (code === 0) return true;
  if (next === "same" || code !== 3) return false;
  const refusal = command === "down --archive" ? "archive_exists" : "There is no archive to restore";
  return scenario.direction.includes("-") && command.includes("-") && output.includes(refusal);
}

/** Holds a database against the picture of where it should be, verifies it, and looks for who is left. */
export async function inspectEnd(book: Book, database: Database, end: Stage): Promise<string[]> {
  const wanted = book.pictures.get(end);
  if (wanted === undefined) throw new Error(`no picture of ${end}`);
  const found = await withClient(database.superuserUrl, (client) =>
    takePicture(client, book.subject, book.columns),
  );
  return [
    ...differences(wanted, found),
    ...(end === "original" || end === "archived" ? [] : await failedVerification(database)),
    ...(await leftWaiting(database)),
  ];
}

async function failedVerification({ url }: Database): Promise<string[]> {
  const { ok, findings } = await verify({ databaseUrl: url });
  return ok ? [] : findings.map(({ code, message }) => `verify: ${code}: ${message}`);
}

/** No session of a run, and nobody who waits for a lock: a killed client's server process is given time to notice. */
async function leftWaiting({ superuserUrl, name }: Database): Promise<string[]> {
  const sql = `SELECT a.pid, a.application_name, a.state, a.query FROM pg_stat_activity a WHERE a.datname = $1
    AND (a.application_name LIKE 'authgraft%' OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted))`;
  return withClient(superuserUrl, async (client) => {
    for (const until = performance.now() + LINGERING; ; await sleep(50)) {
      const { rows } = await client.query(sql, [name]);
      if (rows.length === 0) return [];
      if (performance.now() > until) return rows.map((row) => `still there: ${JSON.stringify(row)}`);
    }
  });
}
