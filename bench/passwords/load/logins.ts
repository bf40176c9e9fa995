/** People who sign in: so many at a time, each from an address of their own, with other accounts in turn. */
import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, createClient } from "../../../scripts/support/http-client.ts";
import { beChild, hurry, type Window } from "./child.ts";
import { createEndCounter, type EndCounter } from "./count-ends.ts";

/** Where, as whom, and how many at a time. */
export interface LoginLoad {
  readonly origin: string;
  readonly path: string;
  readonly emails: readonly string[];
  readonly password: string;
  readonly concurrency: number;
}

hurry();
await beChild<LoginLoad>(async (load) => async (window) => {
  const counter = createEndCounter(window);
  await sleep(window.start - Date.now());
  const people = Array.from({ length: load.concurrency }, (_, place) => signIn(load, place, window, counter));
  await Promise.all(people);
  return counter.counts();
});

/** Goes on until the window is over; what is under way then is waited for, so that it burdens no later run. */
async function signIn(load: LoginLoad, place: number, window: Window, counter: EndCounter): Promise<void> {
  const { origin, path, emails, password, concurrency } = load;
  const client = createClient(origin, addressOf(1, place));
  const headers = { "content-type": "application/json", origin };
  for (let turn = place; Date.now() < window.to; turn += concurrency) {
    const body = JSON.stringify({ email: emails[turn % emails.length], password });
    const since = Date.now();
    const { status, headers: answered } = await client.send("POST", path, headers, body);
    if (status === 200) counter.succeeded(since);
    else if (status === 503) {
      counter.refused();
      await sleep(1_000 * Number(answered["retry-after"] ?? 1));
    } else {
      counter.failed();
      // A server that answers at once with an error is not to be asked a thousand times a second.
      await sleep(100);
    }
  }
}
