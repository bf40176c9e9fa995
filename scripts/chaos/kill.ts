import type { Runner } from "./command-line.ts";
import { converge, inspectWreck } from "./converge.ts";
import { type Kill, type Phase, sooner } from "./draw.ts";
import type { Point } from "./points.ts";
import { type Database, type Site, stageName } from "./site.ts";
import { type Struck, strike } from "./strike.ts";

/** What a kill came to. */
export interface Outcome {
  readonly kill: Kill;
  readonly point: Point | null;
  readonly phase: Phase | null;
  /** What is wrong; empty when all converged. */
  readonly problems: readonly string[];
  readonly milliseconds: number;
}

/** Kills a run, looks at what is left, runs what comes next, and looks at what stands then. */
export async function carryOut(kill: Kill, site: Site, run: Runner): Promise<Outcome> {
  const begun = performance.now();
  const { database, struck } = await strikeOne(kill, site);
  const problems =
    struck === null
      ? [`the run was over before it could be killed: ${JSON.stringify(kill.moment)}`]
      : await follow(kill, site, run, database, struck);
  if (problems.length === 0) await site.drop(database);
  const { point = null, phase = null } = struck ?? {};
  return { kill, point, phase, problems, milliseconds: performance.now() - begun };
}

/** A random moment may come too late; then it is drawn nearer to the beginning. */
async function strikeOne(kill: Kill, site: Site): Promise<{ database: Database; struck: Struck | null }> {
  const database = await site.copy(stageName(kill.book.subject, kill.scenario.from));
  const struck = await strike(kill, site, database);
  const moment = struck === null ? sooner(kill.moment) : null;
  if (moment === null) return { database, struck };
  await site.drop(database);
  return strikeOne({ ...kill, moment }, site);
}

async function follow(
  kill: Kill,
  site: Site,
  run: Runner,
  before: Database,
  { ended, holder }: Struck,
): Promise<string[]> {
  const database = site.again(before);
  const killed = kill.means === "client" ? [] : judgeEnd(ended.code, ended.output);
  const wreck = await inspectWreck(kill, database);
  return [...killed, ...wreck, ...(await converge(kill, database, holder, run))];
}

/** A run that loses its server says what to do: run it again, or, before it has begun, see to the server. */
function judgeEnd(code: number | null, output: string): string[] {
  if (code === 0) return [];
  const said = output.replaceAll(/\s+/g, " ");
  const explained = /run the same command again|Check that the server runs/.test(said);
  return code === 1 && explained ? [] : [`the run that was struck ended with ${code} and said: ${output}`];
}
