import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Caller } from "../../accounts/caller.ts";
import { SignInError } from "../../errors.ts";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { clearRefreshCookie } from "../cookies.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { presentedRefresh } from "../refresh-token.ts";
import { BEARER, problems, refreshSchema } from "../schemas.ts";

/**
 * `POST /v1/auth/logout`: ends the session of the token that is presented, and no other: an access token, or
 * without a valid one a refresh token. Repeatable.
 */
export function mountLogout(app: App, { accounts, cookies, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/logout",
    summary: "Sign out: the session's tokens are refused from now on",
    security: [BEARER, { refreshCookie: [] }, {}],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema: refreshSchema } } } },
    responses: { 204: { description: "Signed out." }, ...problems(400, 401, 403, 413, 415, 422, 503) },
  });
  app.openapi(route, async (context) => {
    const caller = callerOf(context, trustedProxies);
    const refusal = await endByAccessToken(context, accounts, caller);
    if (refusal !== null) {
      const presented = presentedRefresh(context, context.req.valid("json").refresh_token, cookies);
      if (presented === null) throw refusal;
      await accounts.revokeRefreshToken(presented.token, caller);
    }
    clearRefreshCookie(context, cookies);
    return context.body(null, 204);
  });
}

/** Why the access token ends nothing; one that has expired keeps nobody signed in who has a refresh token to end. */
async function endByAccessToken(
  context: Context,
  accounts: HttpParts["accounts"],
  caller: Caller,
): Promise<SignInError | null> {
  try {
    await accounts.logout(bearerToken(context), caller);
    return null;
  } catch (error) {
    if (error instanceof SignInError) return error;
    throw error;
  }
}
