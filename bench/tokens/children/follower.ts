/** A process that looks again and again whether a token is refused by now, and knows when it was. */
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { type Auth, createAuth } from "../../../src/auth.ts";
import { SignInError } from "../../../src/errors.ts";
import { beChild } from "../child.ts";
import { clock } from "../clock.ts";

/** Whose tokens, and how it follows. */
export interface FollowerOptions {
  readonly url: string;
  readonly secret: string;
  readonly listen: boolean;
}

/** What is looked at. */
export interface Watched {
  readonly token: string;
  /** Looks in every turn of the event loop, for which it takes a processor, or once a millisecond. */
  readonly isBusy: boolean;
}

beChild<FollowerOptions>(async ({ url, secret, listen }) => {
  const auth = await createAuth({ database: url, secret, configuration: { tokens: { listen } } });
  while (auth.revocations().age > 1_000) await sleep(10);
  let refused: Promise<number> = Promise.resolve(0);
  return {
    /** Resolves when the token has been accepted once; from then on it is looked at. */
    async watch({ token, isBusy }: Watched) {
      await auth.verify(token);
      refused = untilRefused(auth, token, isBusy ? () => turn() : () => sleep(1));
    },
    /** The moment of the first refusal. */
    refused: () => refused,
  };
});

async function untilRefused(auth: Auth, token: string, pause: () => Promise<unknown>): Promise<number> {
  for (;;) {
    try {
      await auth.verify(token);
    } catch (error) {
      if (error instanceof SignInError) return clock();
      throw error;
    }
    await pause();
  }
}
