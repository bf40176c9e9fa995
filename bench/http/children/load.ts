/** Connections that each send the next request as soon as the one before is answered, for as long as they are told. */
import { beChild } from "../../tokens/child.ts";
import { openConnection, type Received } from "../../tokens/connection.ts";
import { type Spread, spreadOf } from "../../tokens/percentiles.ts";
import type { Task } from "../results.ts";

/** One who is signed in. */
export interface LoadSession {
  readonly token: string;
  readonly refreshToken: string;
  readonly cookie: string;
}

export interface LoadOptions {
  readonly origin: string;
  readonly product: "authgraft" | "better-auth";
  readonly task: Task;
  readonly connections: number;
  /** Shared out among the connections, which take them in turn. */
  readonly sessions: readonly LoadSession[];
}

/** What came back. */
export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly spread: Spread;
  readonly failed: number;
}

/** Seconds before what counts: connections are made, code is compiled. */
const WARM_UP = 1;

interface Next {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a connection sends in its turn, and what it takes from the answer for the turn after. */
interface Sequence {
  next(turn: number): Next;
  /** Whether it is the right answer. */
  take(answer: Received): boolean;
}

const JSON_TYPE = { "content-type": "application/json" };

beChild<LoadOptions>(async (options) => {
  // A refresh token is good once: whoever goes on has the last one.
  const all = options.sessions.map((session) => sequenceOf(options, session));
  const { connections } = options;
  const sequences = Array.from({ length: connections }, (_, connection) =>
    inTurn(all.filter((_, place) => place % connections === connection)),
  );
  return { run: (seconds: number) => run(options.origin, sequences, seconds) };
});

async function run(origin: string, sequences: readonly Sequence[], seconds: number): Promise<LoadResult> {
  const from = performance.now() + WARM_UP * 1_000;
  const to = from + seconds * 1_000;
  const taken: number[] = [];
  let failed = 0;
  const one = async (sequence: Sequence) => {
    const connection = await openConnection(origin);
    for (let turn = 0; performance.now() < to; turn++) {
      const begun = performance.now();
      const answer = await connection.ask(sequence.next(turn));
      const now = performance.now();
      if (!sequence.take(answer)) failed += 1;
      else if (now >= from && now < to) taken.push(now - begun);
    }
    connection.end();
  };
  await Promise.all(sequences.map(one));
  return { perSecond: taken.length / seconds, spread: spreadOf(taken), failed };
}

/** Several sessions as one sequence. */
function inTurn(all: readonly Sequence[]): Sequence {
  const at = (turn: number) => {
    const sequence = all[turn % all.length];
    if (sequence === undefined) throw new Error("no session to ask for");
    return sequence;
  };
  let last = 0;
  return {
    next(turn) {
      last = turn;
      return at(turn).next(Math.floor(turn / all.length));
    },
    take: (answer) => at(last).take(answer),
  };
}

function sequenceOf({ origin, product, task }: LoadOptions, session: LoadSession): Sequence {
  if (product === "better-auth")
    return task === "refresh" ? itsSession(session) : itsProfile(origin, session);
  return task === "refresh" ? ourRefresh(session) : ourProfile(session);
}

function ourRefresh(session: LoadSession): Sequence {
  let { refreshToken } = session;
  return {
    next: () => ({
      ...{ method: "POST", path: "/v1/auth/refresh", headers: JSON_TYPE },
      body: JSON.stringify({ refresh_token: refreshToken }),
    }),
    take({ status, body }) {
      const next =
        status === 200 ? (JSON.parse(body) as { refresh_token?: string }).refresh_token : undefined;
      refreshToken = next ?? refreshToken;
      return next !== undefined;
    },
  };
}

function ourProfile({ token }: LoadSession): Sequence {
  const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` };
  return {
    next: (turn) => ({
      ...{ method: "PATCH", path: "/v1/users/me", headers },
      body: JSON.stringify({ display_name: `Person ${turn}` }),
    }),
    take: ({ status, body }) => status === 200 && body.includes('"display_name":"Person '),
  };
}

/** It has no refresh tokens; asking for the session, by which it goes on, is what comes nearest. */
function itsSession({ cookie }: LoadSession): Sequence {
  return {
    next: () => ({ method: "GET", path: "/api/auth/get-session", headers: { cookie } }),
    take: ({ status, body }) => status === 200 && body.includes('"session"'),
  };
}

function itsProfile(origin: string, { cookie }: LoadSession): Sequence {
  const headers = { ...JSON_TYPE, cookie, origin };
  return {
    next: (turn) => ({
      ...{ method: "POST", path: "/api/auth/update-user", headers },
      body: JSON.stringify({ name: `Person ${turn}` }),
    }),
    take: ({ status }) => status === 200,
  };
}
