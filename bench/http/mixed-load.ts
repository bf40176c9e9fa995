import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, addressOf, type Client, createClient } from "../../scripts/support/http-client.ts";
import { clock } from "../tokens/clock.ts";
import type { Kind } from "./results.ts";

/** One request, and what became of it; 0 where there was no answer. */
export interface Asked {
  readonly kind: Kind;
  readonly sent: number;
  readonly settled: number;
  readonly status: number;
}

/** Of ten requests, what each asks for. */
const TURNS: readonly Kind[] = [
  "me",
  "refresh",
  "me",
  "profile",
  "me",
  "login",
  "me",
  "refresh",
  "me",
  "profile",
];

/** Milliseconds between two requests: a hundred a second, however slow the answers are. */
const EVERY = 10;

const JSON_TYPE = { "content-type": "application/json" };

interface Person {
  readonly email: string;
  readonly client: Client;
  token: string;
  refreshToken: string;
  isRefreshing: boolean;
}

/** Asks a hundred times a second in the name of some people, from `begin` to `end`. */
export interface MixedLoad {
  begin(): void;
  /** What has been answered by now. */
  answered(): readonly Asked[];
  /** Everything that was asked, once it is answered. */
  end(): Promise<readonly Asked[]>;
}

/** Signs the people in. */
export async function openMixedLoad(
  origin: string,
  emails: readonly string[],
  password: string,
): Promise<MixedLoad> {
  const people = emails.map((email, number) => ({
    ...{ email, token: "", refreshToken: "", isRefreshing: false },
    client: createClient(origin, addressOf(8, number)),
  }));
  for (const person of people) take(person, await login(person, password));
  const asked: Promise<unknown>[] = [];
  const answered: Asked[] = [];
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    const begun = clock();
    for (let turn = 0; !stopped; turn++) {
      const person = people[turn % people.length];
      const kind = TURNS[turn % TURNS.length] ?? "me";
      // A refresh token is not sent twice at once: who waits for its successor asks who they are meanwhile.
      if (person === undefined) return;
      const now = kind === "refresh" && person.isRefreshing ? "me" : kind;
      asked.push(ask(person, now, password).then((one) => answered.push(one)));
      await sleep(Math.max(0, begun + (turn + 1) * EVERY - clock()));
    }
  };
  return {
    begin: () => {
      running = run();
    },
    answered: () => answered,
    async end() {
      stopped = true;
      await running;
      await Promise.all(asked);
      return answered;
    },
  };
}

async function ask(person: Person, kind: Kind, password: string): Promise<Asked> {
  const sent = clock();
  const answer = await send(person, kind, password).catch(() => null);
  if (kind === "refresh" && answer !== null) take(person, answer);
  return { kind, sent, settled: clock(), status: answer?.status ?? 0 };
}

async function send(person: Person, kind: Kind, password: string): Promise<Answer> {
  const { client, token } = person;
  const bearer = { authorization: `Bearer ${token}` };
  if (kind === "login") return login(person, password);
  if (kind === "me") return client.send("GET", "/v1/users/me", bearer);
  if (kind === "profile") {
    const body = JSON.stringify({ display_name: `Person ${Math.floor(clock())}` });
    return client.send("PATCH", "/v1/users/me", { ...bearer, ...JSON_TYPE }, body);
  }
  person.isRefreshing = true;
  const body = JSON.stringify({ refresh_token: person.refreshToken });
  return client.send("POST", "/v1/auth/refresh", JSON_TYPE, body).finally(() => {
    person.isRefreshing = false;
  });
}

function login({ client, email }: Person, password: string): Promise<Answer> {
  return client.send("POST", "/v1/auth/login", JSON_TYPE, JSON.stringify({ email, password }));
}

function take(person: Person, { status, body }: Answer): void {
  if (status !== 200) return;
  const { token, refresh_token } = JSON.parse(body) as { token: string; refresh_token: string };
  person.token = token;
  person.refreshToken = refresh_token;
}
