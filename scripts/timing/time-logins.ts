import { type Client, createClient } from "../support/http-client.ts";
import type { Sample } from "./pairs.ts";
import type { People } from "./population.ts";

/** Rounds at the start that are not counted: code is compiled, and the server learns what hashes cost. */
const WARM_UP = 20;

const PATH = "/v1/auth/login";
const WRONG = "this is not the password";

/** Where, with which right password, and how often for each kind. */
export interface LoginTiming {
  readonly origin: string;
  readonly password: string;
  readonly times: number;
}

/** Times failing logins of each kind, one at a time: in every round each kind once, in an order drawn anew. */
export async function timeLogins(people: readonly People[], timing: LoginTiming): Promise<Sample[]> {
  const client = createClient(timing.origin, "127.0.0.1");
  await proveLogins(client, people, timing.password);
  const samples = people.map(({ kind }) => ({ name: kind.name, taken: [] as number[] }));
  const answers = new Set<string>();
  for (let round = -WARM_UP; round < timing.times; round++) {
    for (const place of shuffled(people.length)) {
      const { kind, emails } = people[place] as People;
      const email = emails[(round + WARM_UP) % emails.length] ?? "";
      const start = performance.now();
      const answer = await login(client, email, kind.right === true ? timing.password : WRONG);
      if (round >= 0) samples[place]?.taken.push(performance.now() - start);
      answers.add(answer);
    }
  }
  if (answers.size !== 1) throw new Error(`The answers differ:\n${[...answers].join("\n")}`);
  return samples;
}

/** Who could sign in does: a hash that nobody can use proves nothing. */
async function proveLogins(client: Client, people: readonly People[], password: string): Promise<void> {
  for (const { kind, proof } of people) {
    if (proof === null) continue;
    const answer = await login(client, proof, password);
    if (!answer.startsWith("200 ")) throw new Error(`${kind.name}: the right password is refused: ${answer}`);
  }
}

/** What came back, the moment and the number of the request aside. */
async function login(client: Client, email: string, password: string): Promise<string> {
  const body = JSON.stringify({ email, password });
  const {
    status,
    headers,
    body: text,
  } = await client.send("POST", PATH, { "content-type": "application/json" }, body);
  return `${status} ${JSON.stringify({ ...headers, date: null, "x-request-id": null })} ${text}`;
}

function shuffled(length: number): number[] {
  const places = Array.from({ length }, (_, place) => ({ place, key: Math.random() }));
  return places.sort((a, b) => a.key - b.key).map(({ place }) => place);
}
