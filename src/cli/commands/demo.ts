import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { parseConfiguration } from "../../config/parse.ts";
import type { Configuration } from "../../config/schema.ts";
import type { EmbeddedServer } from "../../embedded/server.ts";
import { startEmbeddedPostgres } from "../../embedded/server.ts";
import { inspect } from "../../migration/status.ts";
import { up } from "../../migration/up.ts";
import { describe } from "../../postgres/connect.ts";
import type { Surroundings } from "../context.ts";
import { ensureSample, prepareOwner, type SampleDatabase } from "../demo/databases.ts";
import { bringHashAlong } from "../demo/existing-user.ts";
import { guide, type Served } from "../demo/guide.ts";
import { keptSecret } from "../demo/secret.ts";
import { assertAvailable } from "../listen.ts";
import { heading } from "../print/heading.ts";
import { printPlan } from "../print/plan.ts";
import { reportingSteps } from "../print/progress.ts";
import { type RunningServer, serve } from "../serve.ts";
import { plural, type Terminal } from "../terminal.ts";
import { untilAborted } from "../until-aborted.ts";

/** What the demo can be told. */
export interface DemoFlags {
  readonly directory: string;
  readonly users: number;
  readonly port: number;
}

const DESCRIPTIONS = {
  a: "Sample A, a Python service: usernames only, no way to sign in",
  b: "Sample B, a Go service: OAuth accounts only",
} as const;

/**
 * Starts an embedded PostgreSQL with two sample applications, shows the plan for each, applies it and
 * serves sign-in on both, until it is told to stop.
 */
export async function demo(flags: DemoFlags, { terminal, directory, signal }: Surroundings): Promise<void> {
  const ports = [flags.port, flags.port + 1];
  for (const port of ports) await assertAvailable({ host: "127.0.0.1", port });
  const home = resolve(directory, flags.directory);
  await mkdir(home, { recursive: true });
  const secret = await keptSecret(home, "secret");
  const password = await keptSecret(home, "owner-password");
  terminal.print(`Starting PostgreSQL (its data is kept in ${home}) …`);
  const server = await startEmbeddedPostgres({
    dataDirectory: resolve(home, "postgres"),
    onLog: (message) => terminal.note(terminal.style("dim", message)),
  });
  const running: RunningServer[] = [];
  const work = serveSamples(server, flags, { terminal, secret, password, running, signal });
  try {
    await Promise.race([work.then((served) => invite(served, home, terminal)), untilAborted(signal)]);
    await untilAborted(signal);
  } finally {
    terminal.note("\nStopping …");
    await closeAll(running);
    await server.stop();
    // What was under way when somebody said stop ends with the database it worked on.
    await work.catch(() => undefined);
    await closeAll(running);
  }
}

async function closeAll(running: RunningServer[]): Promise<void> {
  await Promise.all(running.splice(0).map((one) => one.close()));
}

function invite(served: readonly ServedSample[], home: string, terminal: Terminal): void {
  const note = (text: string) => terminal.style("dim", `# ${text}`);
  const databases = [
    note(
      "the databases, for authgraft plan, status, verify, down … --database-url (the port is another one at each start)",
    ),
    note(`for authgraft keys list, set AUTHGRAFT_SECRET_FILE=${resolve(home, "secret")} as well`),
    ...served.map(({ databaseUrl }) => databaseUrl),
  ];
  terminal.print(`\n${guide(served, terminal)}\n\n${databases.join("\n")}\n\nCtrl-C stops everything.`);
}

/** A sample that is served, and where its database is: on this machine only, with a password of its own. */
interface ServedSample extends Served {
  readonly databaseUrl: string;
}

interface Work {
  readonly terminal: Terminal;
  readonly secret: string;
  /** The password of the samples' owner. */
  readonly password: string;
  /** Filled as servers start, so that they are stopped whatever happens after. */
  readonly running: RunningServer[];
  readonly signal: AbortSignal;
}

async function serveSamples(server: EmbeddedServer, flags: DemoFlags, work: Work): Promise<ServedSample[]> {
  const { terminal, running, secret, password, signal } = work;
  await prepareOwner(server, password);
  const served: ServedSample[] = [];
  for (const [sample, port] of [
    ["a", flags.port + 1],
    ["b", flags.port],
  ] as const) {
    terminal.print(`\n${terminal.style("bold", DESCRIPTIONS[sample])}`);
    const onLoad = () => terminal.print(`  loading ${plural(flags.users, "user")} …`);
    const database = await ensureSample(server, sample, { users: flags.users, password, onLoad });
    if (!database.isNew) terminal.print(`  ${describe(database.url)}`);
    await graft(database, terminal, signal);
    const one = await serve({
      databaseUrl: database.url,
      secret,
      configuration: demoConfiguration(port),
    });
    running.push(one);
    served.push({ sample, origin: one.url, databaseUrl: database.url, user: await bringHashAlong(database) });
    terminal.print(`  ${terminal.style("green", `serving on ${one.url}`)}`);
  }
  return served;
}

/** Its mails go nowhere but into its outbox. */
function demoConfiguration(port: number): Configuration {
  const origin = `http://localhost:${port}`;
  return parseConfiguration({ port, tokens: { issuer: origin }, publicUrl: origin, development: true });
}

async function graft(database: SampleDatabase, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const configuration = parseConfiguration({});
  const { situation, plan } = await inspect({ databaseUrl: database.url, configuration });
  if (plan.state === "applied") return;
  terminal.print(`  ${heading(situation, terminal)}\n`);
  terminal.print(printPlan(plan, terminal, { sql: false }));
  terminal.print("\n  authgraft up:");
  const { locks } = await reportingSteps(terminal, false, (onProgress) =>
    up({ databaseUrl: database.url, configuration, signal, onProgress }),
  );
  terminal.print(
    `  ${terminal.style("green", "applied")}; it stood in the lock queue for ${locks.longest_wait_ms} ms at most`,
  );
}
