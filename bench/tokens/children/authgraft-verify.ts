/** `auth.verify` as an application calls it. */
import { setTimeout as sleep } from "node:timers/promises";
import { createAuth } from "../../../src/auth.ts";
import type { Application } from "../application.ts";
import { beVerifier } from "./be-verifier.ts";

beVerifier<Application>(async ({ url, secret }) => {
  const auth = await createAuth({ database: url, secret });
  // Until everything that is revoked is known.
  while (auth.revocations().age > 1_000) await sleep(10);
  return (token) => auth.verify(token);
});
