/** Asks `auth.verify`, as an application does. */
import { createAuth } from "../../../src/auth.ts";
import { DatabaseError, SignInError } from "../../../src/errors.ts";
import type { Application } from "../application.ts";
import type { Outcome } from "../asking.ts";
import { beAsker } from "./be-asker.ts";

beAsker<Application>(async ({ url, secret }) => {
  const auth = await createAuth({ database: url, secret });
  return async (token): Promise<Outcome> => {
    try {
      await auth.verify(token);
      return "accepted";
    } catch (error) {
      if (error instanceof DatabaseError) return "unavailable";
      return error instanceof SignInError ? "refused" : "failed";
    }
  };
});
