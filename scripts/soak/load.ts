import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, type Client, createClient } from "../support/http-client.ts";

/** How often each status was answered, by what was asked for. */
export type Tally = Map<string, number>;

interface Person {
  readonly email: string;
  token: string;
  refreshToken: string;
}

const JSON_TYPE = { "content-type": "application/json" };

/** What one client asks for in turn. Failures belong to it: they must cost nothing that lasts. */
const ROUNDS: readonly ((turn: Turn) => Promise<number>)[] = [
  ({ person, client }) => get(client, "/v1/users/me", person.token),
  ({ person, client }) => refresh(client, person),
  ({ person, client, round }) =>
    send(client, "PATCH", "/v1/users/me", { display_name: `Person ${round}` }, person.token),
  ({ client }) => get(client, "/v1/users/me", "eyJhbGciOiJub25lIn0.e30."),
  ({ person, client }) => get(client, "/v1/users/me/sessions", person.token),
  ({ client }) => send(client, "POST", "/v1/auth/login", { email: 7 }),
  ({ client, round }) => get(client, `/nowhere/${round}`, ""),
  ({ person, client }) => send(client, "POST", "/v1/auth/logout", {}, person.token),
];

interface Turn {
  readonly client: Client;
  readonly person: Person;
  readonly round: number;
}

/** Signs in, uses the session and signs out, again and again until it is told to stop. */
export async function keepAsking(
  origin: string,
  { number, email, password }: { readonly number: number; readonly email: string; readonly password: string },
  signal: AbortSignal,
): Promise<Tally> {
  const client = createClient(origin, addressOf(5, number));
  const tally: Tally = new Map();
  const note = (what: string, status: number) => {
    const key = `${what} ${status}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  };
  for (let round = 0; !signal.aborted; round++) {
    const person: Person = { email, token: "", refreshToken: "" };
    note("login", await login(client, person, password));
    for (const [i, ask] of ROUNDS.entries()) {
      if (signal.aborted) break;
      note(String(i), await ask({ client, person, round }));
    }
    // Other people need the processors too: what is looked for is a slope, not a rate.
    await sleep(5);
  }
  return tally;
}

async function login(client: Client, person: Person, password: string): Promise<number> {
  const { status, body } = await client.send(
    "POST",
    "/v1/auth/login",
    JSON_TYPE,
    JSON.stringify({ email: person.email, password }),
  );
  take(person, status, body);
  return status;
}

async function refresh(client: Client, person: Person): Promise<number> {
  const asked = JSON.stringify({ refresh_token: person.refreshToken });
  const { status, body } = await client.send("POST", "/v1/auth/refresh", JSON_TYPE, asked);
  take(person, status, body);
  return status;
}

function take(person: Person, status: number, body: string): void {
  if (status !== 200) return;
  const { token, refresh_token } = JSON.parse(body) as { token: string; refresh_token: string };
  person.token = token;
  person.refreshToken = refresh_token;
}

async function get(client: Client, path: string, token: string): Promise<number> {
  return (await client.send("GET", path, { authorization: `Bearer ${token}` })).status;
}

async function send(
  client: Client,
  method: "POST" | "PATCH",
  path: string,
  body: object,
  token?: string,
): Promise<number> {
  const headers = { ...JSON_TYPE, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return (await client.send(method, path, headers, JSON.stringify(body))).status;
}
