import { randomBytes } from "node:crypto";
import { addressOf, createClient } from "../../scripts/support/http-client.ts";
import { type Subject, startBetterAuth, startOurs } from "../passwords/products.ts";
import type { Product } from "../passwords/results.ts";
import { type Child, startChild } from "./child.ts";
import type { LoadOptions, LoadResult } from "./children/http-load.ts";
import type { Measuring } from "./measuring.ts";

/** One run of one product. */
export interface HttpRun extends LoadResult {
  readonly product: Product;
  readonly repeat: number;
}

/** What came of it. */
export interface HttpResults {
  readonly connections: number;
  readonly runs: readonly HttpRun[];
}

const CONNECTIONS = 10;

const USERS = 1_000;

/** Rounds before those that count. */
const WARM_UP = 1;

interface Loaded {
  readonly subject: Subject;
  readonly load: Child;
}

/** Counts signed-in requests a second over HTTP, of Authgraft and of better-auth in turn. */
export async function measureHttp(measuring: Measuring): Promise<HttpResults> {
  const { database, options, signal, say } = measuring;
  const people = { users: USERS, password: randomBytes(9).toString("base64url") };
  const subjects: Subject[] = [];
  const loaded: Loaded[] = [];
  try {
    subjects.push(await startOurs(database, people), await startBetterAuth(database, people));
    for (const subject of subjects) {
      const load = await startLoad(subject, people.password, signal);
      loaded.push({ subject, load });
    }
    return { connections: CONNECTIONS, runs: await measureRuns(loaded, options, say) };
  } finally {
    for (const { load } of loaded) await load.stop();
    for (const { server } of subjects) await server.stop();
  }
}

async function measureRuns(
  loaded: readonly Loaded[],
  { seconds, repeats }: Measuring["options"],
  say: Measuring["say"],
): Promise<HttpRun[]> {
  const runs: HttpRun[] = [];
  for (let repeat = 1 - WARM_UP; repeat <= repeats; repeat++) {
    for (const { subject, load } of loaded) {
      const result = await load.call<LoadResult>("run", seconds);
      if (repeat < 1) continue;
      runs.push({ product: subject.product, repeat, ...result });
      const { perSecond, spread, failed } = result;
      say(
        `${subject.product} #${repeat}: ${perSecond.toFixed(0)} a second, p99 ${spread.p99.toFixed(1)} ms, ${failed} failed`,
      );
    }
  }
  return runs;
}

async function startLoad(subject: Subject, password: string, signal: AbortSignal): Promise<Child> {
  const { server, checkPath } = subject;
  const email = subject.emails[0] ?? "";
  const options: LoadOptions = {
    ...{ port: Number(new URL(server.origin).port), path: checkPath, connections: CONNECTIONS },
    headers: await signIn(subject, email, password),
    contains: email,
  };
  return startChild(new URL("./children/http-load.ts", import.meta.url), options, signal);
}

async function signIn(
  { server, loginPath, proof }: Subject,
  email: string,
  password: string,
): Promise<Record<string, string>> {
  const client = createClient(server.origin, addressOf(3, 1));
  const headers = { "content-type": "application/json", origin: server.origin };
  const answer = await client.send("POST", loginPath, headers, JSON.stringify({ email, password }));
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.status} ${answer.body}`);
  if (proof === "bearer") return { authorization: `Bearer ${JSON.parse(answer.body).token}` };
  const set = [answer.headers["set-cookie"] ?? []].flat();
  return { cookie: set.map((one) => one.split(";")[0]).join("; ") };
}
