/** `auth.api.getSession` of better-auth in this process, with its database; what it calls a token is its session's cookie. */
import { betterAuth } from "better-auth";
import { betterAuthOptions } from "../../passwords/better-auth/options.mjs";
import { beVerifier } from "./be-verifier.ts";

beVerifier(async ({ databaseUrl, secret, email, password }) => {
  const auth = betterAuth(betterAuthOptions({ databaseUrl, baseUrl: "http://127.0.0.1", secret }));
  const { headers: answered } = await auth.api.signInEmail({
    body: { email, password },
    returnHeaders: true,
  });
  const headers = new Headers({ cookie: answered.getSetCookie()[0].split(";")[0] });
  return async () => {
    const session = await auth.api.getSession({ headers });
    if (session === null) throw new Error("not signed in");
    return session;
  };
});
