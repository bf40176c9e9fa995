/** People who are signed in: their requests are due at fixed moments, whether earlier ones are answered or not. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, addressOf, type Client, createClient } from "../../../scripts/support/http-client.ts";
import { beChild, hurry, type Window } from "./child.ts";

/** Where and as whom, and how a signed-in request shows who it is from. */
export interface CheckLoad {
  readonly origin: string;
  readonly loginPath: string;
  readonly path: string;
  readonly proof: "bearer" | "cookie";
  readonly emails: readonly string[];
  readonly password: string;
  /** Requests a second. */
  readonly rate: number;
}

/** Latencies in milliseconds, each counted from when the request was due. */
export interface CheckLatency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  readonly failed: number;
  /** How late the requests were sent, by this process's own doing: its p99. */
  readonly lateness: number;
}

interface Person {
  readonly client: Client;
  readonly headers: Readonly<Record<string, string>>;
}

hurry();
await beChild<CheckLoad>(async (load) => {
  const people = await Promise.all(load.emails.map((email, place) => signIn(load, email, place)));
  return (window) => check(load, people, window);
});

async function signIn(load: CheckLoad, email: string, place: number): Promise<Person> {
  const client = createClient(load.origin, addressOf(2, place));
  const headers = { "content-type": "application/json", origin: load.origin };
  const body = JSON.stringify({ email, password: load.password });
  const answer = await client.send("POST", load.loginPath, headers, body);
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.status} ${answer.body}`);
  return { client, headers: load.proof === "bearer" ? bearer(answer) : cookie(answer) };
}

function bearer({ body }: Answer): Person["headers"] {
  const { token } = JSON.parse(body) as { token: string };
  return { authorization: `Bearer ${token}` };
}

function cookie({ headers }: Answer): Person["headers"] {
  const set = [headers["set-cookie"] ?? []].flat();
  return { cookie: set.map((one) => one.split(";")[0]).join("; ") };
}

async function check({ path, rate }: CheckLoad, people: readonly Person[], window: Window) {
  const taken: number[] = [];
  const late: number[] = [];
  let failed = 0;
  const one = async (due: number, { client, headers }: Person) => {
    const counts = due >= window.from && due < window.to;
    if (counts) late.push(now() - due);
    const answer = await client.send("GET", path, headers).catch(() => null);
    if (!counts) return;
    taken.push(now() - due);
    // better-auth answers 200 and null to one who is not signed in.
    if (answer?.status !== 200 || !answer.body.includes("@")) failed += 1;
  };
  const sent: Promise<void>[] = [];
  for (let turn = 0; ; turn++) {
    const due = window.start + (turn * 1_000) / rate;
    if (due >= window.to) break;
    await until(due);
    const person = people[turn % people.length];
    if (person !== undefined) sent.push(one(due, person));
  }
  await Promise.all(sent);
  return { ...summary(taken), failed, lateness: summary(late).p99 };
}

/** `Date.now()` has whole milliseconds only. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A timer is never early. */
async function until(due: number): Promise<void> {
  const wait = due - now();
  if (wait > 0) await sleep(wait);
}

function summary(values: readonly number[]) {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), slowest: sorted.at(-1) ?? 0 };
}
