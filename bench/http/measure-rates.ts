import { randomBytes } from "node:crypto";
import type { DatabaseServer } from "../../scripts/support/database-server.ts";
import { addressOf, createClient } from "../../scripts/support/http-client.ts";
import { type Subject, startBetterAuth, startOurs } from "../passwords/products.ts";
import { type Child, startChild } from "../tokens/child.ts";
import type { LoadOptions, LoadResult, LoadSession } from "./children/load.ts";
import type { HttpBenchOptions } from "./options.ts";
import { type RateRun, TASKS, type Task } from "./results.ts";

/** How many ask at a time. */
export const CONNECTIONS = 10;

/** Sessions that share a connection: nobody refreshes a hundred times a second, nor ten. */
const SESSIONS: Readonly<Record<Task, number>> = { refresh: 100, profile: 10 };

/** Rounds before those that count. */
const WARM_UP = 1;

const USERS = 1_100;

interface Loaded {
  readonly subject: Subject;
  readonly task: Task;
  readonly load: Child;
}

/** Counts what each product does a second, in turn. */
export async function measureRates(
  database: DatabaseServer,
  options: HttpBenchOptions,
  { signal, say }: { readonly signal: AbortSignal; say(line: string): void },
): Promise<RateRun[]> {
  const people = { users: USERS, password: randomBytes(9).toString("base64url") };
  const subjects: Subject[] = [];
  const loaded: Loaded[] = [];
  try {
    subjects.push(await startOurs(database, people), await startBetterAuth(database, people));
    for (const [place, task] of TASKS.entries()) {
      for (const subject of subjects) {
        loaded.push({ subject, task, load: await startLoad(subject, task, place, people.password, signal) });
      }
    }
    return await measureInTurn(loaded, options, say);
  } finally {
    for (const { load } of loaded) await load.stop();
    for (const { server } of subjects) await server.stop();
  }
}

async function measureInTurn(
  loaded: readonly Loaded[],
  { seconds, repeats }: HttpBenchOptions,
  say: (line: string) => void,
): Promise<RateRun[]> {
  const runs: RateRun[] = [];
  for (let repeat = 1 - WARM_UP; repeat <= repeats; repeat++) {
    for (const { subject, task, load } of loaded) {
      const result = await load.call<LoadResult>("run", seconds);
      if (repeat < 1) continue;
      runs.push({ task, product: subject.product, repeat, ...result });
      const { perSecond, spread, failed } = result;
      say(
        `${task}, ${subject.product} #${repeat}: ${perSecond.toFixed(0)} a second, p99 ${spread.p99.toFixed(1)} ms, ${failed} failed`,
      );
    }
  }
  return runs;
}

async function startLoad(
  subject: Subject,
  task: Task,
  place: number,
  password: string,
  signal: AbortSignal,
): Promise<Child> {
  const count = CONNECTIONS * SESSIONS[task];
  const emails = place === 0 ? subject.emails.slice(0, count) : subject.emails.slice(-count);
  const sessions: LoadSession[] = [];
  for (const [number, email] of emails.entries()) {
    sessions.push(await signIn(subject, email, password, number % CONNECTIONS));
  }
  const options: LoadOptions = {
    origin: subject.server.origin,
    product: subject.product,
    task,
    connections: CONNECTIONS,
    sessions,
  };
  return startChild(new URL("./children/load.ts", import.meta.url), options, signal);
}

async function signIn(
  { server, loginPath, product }: Subject,
  email: string,
  password: string,
  number: number,
): Promise<LoadSession> {
  const client = createClient(server.origin, addressOf(7, number));
  const headers = { "content-type": "application/json", origin: server.origin };
  const answer = await client.send("POST", loginPath, headers, JSON.stringify({ email, password }));
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.status} ${answer.body}`);
  const cookie = [answer.headers["set-cookie"] ?? []]
    .flat()
    .map((one) => one.split(";")[0])
    .join("; ");
  if (product === "better-auth") return { token: "", refreshToken: "", cookie };
  const { token, refresh_token } = JSON.parse(answer.body) as { token: string; refresh_token: string };
  return { token, refreshToken: refresh_token, cookie };
}
