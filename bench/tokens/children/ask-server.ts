/** Asks a server who is signed in, over HTTP. */
import { addressOf, createClient } from "../../../scripts/support/http-client.ts";
import type { Outcome } from "../asking.ts";
import { beAsker } from "./be-asker.ts";

const OUTCOMES: Readonly<Record<number, Outcome>> = { 200: "accepted", 401: "refused", 503: "unavailable" };

beAsker<{ readonly origin: string }>(async ({ origin }) => {
  const client = createClient(origin, addressOf(4, 1));
  return async (token): Promise<Outcome> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await client.send("GET", "/v1/users/me", headers).catch(() => null);
    return OUTCOMES[answer?.status ?? 0] ?? "failed";
  };
});
